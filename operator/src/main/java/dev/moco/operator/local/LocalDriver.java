package dev.moco.operator.local;

import dev.moco.artifacts.StepTimes;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.FileErrors;
import dev.moco.contract.Progress;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import dev.moco.contract.Termination;
import dev.moco.operator.local.Capacity.Placed;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Plan;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.Policy.Retention;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.report.StatusReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the plans of experiments with child processes on this machine: every stage that is ready starts once the machine has room
 * beside those that run, those of the first experiment first. A stage that several experiments need runs once.
 */
public final class LocalDriver {
    private static final Logger LOG = LoggerFactory.getLogger(LocalDriver.class);
    private static final long POLL_MILLIS = 250;
    private static final Duration DISPLAY_INTERVAL = Duration.ofSeconds(1);
    private static final long GRACE_SECONDS = 120;
    private static final int CHECKPOINT_SECONDS = 20;

    private final WorkFolder work;
    private final Path home;
    private final LocalStore store;
    private final ProgressDisplay display;
    private final LocalMachine machine;
    private final Capacity capacity;
    private final StepTimes stepTimes;
    private final AtomicBoolean stop;
    private final List<Started> started = new ArrayList<>();
    private final Instant begun = Instant.now();
    private Instant lastShown = Instant.MIN;

    /**
     * An experiment to run.
     *
     * @param deterministic whether GPUs take only algorithms that add in the same order at every run
     * @param retention which checkpoints are kept
     * @param number its number among several, which the names of its stages show; 0 if it is the only one
     */
    public record ExperimentRun(
            Experiment experiment,
            LocalObservations observations,
            boolean deterministic,
            Retention retention,
            int number) {
        String name(PlannedTask task) {
            return (number == 0 ? "" : number + "/") + task.task().name();
        }
    }

    /** Receives how experiments go. */
    public interface Listener {
        /** An experiment is about to run. */
        void begins(ExperimentRun run);

        /** All of its tasks have ended. */
        void ended(ExperimentRun run, Decision decision) throws IOException;

        /** It cannot go on; others do. */
        void failed(ExperimentRun run, StageFailure failure);
    }

    private record Started(ExperimentRun run, PlannedTask planned, StageProcess process, Placed place, Instant time) {
        String name() {
            return run.name(planned);
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    /**
     * Creates a driver.
     *
     * @param home checkout with the built stages
     * @param machine what of this machine the stages may use
     * @param stop set when the user asks to stop
     */
    public LocalDriver(
            WorkFolder work,
            Path home,
            LocalStore store,
            ProgressDisplay display,
            LocalMachine machine,
            AtomicBoolean stop) {
        this.work = work;
        this.home = home;
        this.store = store;
        this.display = display;
        this.machine = machine;
        this.capacity = machine.capacity();
        this.stepTimes = new StepTimes(work.root());
        this.stop = stop;
    }

    /**
     * Runs the remaining tasks, to the end or until it is asked to stop; then every running stage saves a checkpoint.
     *
     * @return the state of every task of the experiments that are left when it was asked to stop; empty at the end
     */
    public Map<ExperimentRun, Decision> run(List<ExperimentRun> runs, Listener listener)
            throws IOException, InterruptedException {
        Set<ExperimentRun> left = new LinkedHashSet<>(runs);
        Set<ExperimentRun> begins = new LinkedHashSet<>(runs);
        Map<ExperimentRun, Decision> decisions = new LinkedHashMap<>();
        try {
            while (true) {
                for (ExperimentRun run : List.copyOf(left)) {
                    if (!stop.get()) {
                        attempt(run, runs, left, listener, () -> {
                            if (begins.remove(run)) {
                                begin(run, listener);
                            }
                            Decision decision = run.observations().decide(Instant.now());
                            decisions.put(run, decision);
                            if (decision.finished()) {
                                left.remove(run);
                                listener.ended(run, decision);
                            } else {
                                startReady(run, decision);
                            }
                        });
                    }
                }
                if (stop.get()) {
                    stopStages();
                    reap(left);
                    Map<ExperimentRun, Decision> unfinished = new LinkedHashMap<>();
                    for (ExperimentRun run : left) {
                        unfinished.put(run, run.observations().decide(Instant.now()));
                    }
                    return Collections.unmodifiableMap(unfinished);
                } else if (left.isEmpty()) {
                    return Map.of();
                }
                Thread.sleep(POLL_MILLIS);
                reap(left);
                decisions
                        .entrySet()
                        .removeIf(run ->
                                !left.contains(run.getKey()) && !run.getValue().finished());
                showProgress(decisions);
            }
        } finally {
            display.end();
            started.forEach(each -> each.process().kill());
        }
    }

    /** Does something for an experiment; among several, a failure ends that experiment alone. */
    private void attempt(
            ExperimentRun run, List<ExperimentRun> runs, Set<ExperimentRun> left, Listener listener, Work something)
            throws IOException {
        try {
            something.run();
        } catch (StageFailure | IOException | UncheckedIOException e) {
            StageFailure failure = FileErrors.known(e).orElseThrow();
            if (runs.size() == 1 || failure.exitCode() == ExitCode.INTERRUPTED) {
                throw e;
            }
            left.remove(run);
            started.stream()
                    .filter(each -> each.run().equals(run))
                    .forEach(each -> each.process().kill());
            listener.failed(run, failure);
        }
    }

    private void begin(ExperimentRun run, Listener listener) throws IOException {
        listener.begins(run);
        for (PlannedTask task : run.observations().decide(Instant.now()).tasks()) {
            if (task.state() == TaskState.SUCCEEDED) {
                display.event(run.name(task), "cached, key " + shortKey(task));
            }
        }
    }

    private static String shortKey(PlannedTask task) {
        return task.key().map(key -> key.substring(0, 12)).orElse("");
    }

    private void startReady(ExperimentRun run, Decision decision) {
        for (PlannedTask ready : decision.ready()) {
            StageConfig config = ready.config().orElseThrow();
            boolean runs =
                    started.stream().anyMatch(each -> each.planned().key().equals(ready.key()));
            Optional<List<Integer>> place = runs
                    ? Optional.empty()
                    : capacity.place(
                            config, started.stream().map(Started::place).toList());
            if (place.isPresent()) {
                String name = ready.task().name();
                StageProcess process = StageProcess.start(
                        task(run, ready), work, home, devices(config, place.get()), store.environment());
                started.add(new Started(run, ready, process, new Placed(config, place.get()), Instant.now()));
                run.observations().started(name);
                display.event(run.name(ready), "started, key " + shortKey(ready) + ", " + ready.reason());
            }
        }
    }

    /** Variables that give a stage its GPUs and say how many processes it has. */
    private Map<String, String> devices(StageConfig config, List<Integer> numbers) {
        Map<String, String> variables = new HashMap<>();
        variables.put(StageTask.DEVICES_VARIABLE, Integer.toString(capacity.devices(config)));
        if (!numbers.isEmpty()) {
            variables.put(
                    LocalGpus.VISIBLE,
                    numbers.stream().sorted().map(machine.gpus().names()::get).collect(Collectors.joining(",")));
        }
        return variables;
    }

    private StageTask task(ExperimentRun run, PlannedTask planned) {
        StageConfig config = planned.config().orElseThrow();
        return new StageTask(
                run.experiment().name(),
                planned.task().name(),
                planned.key().orElseThrow(),
                config,
                planned.inputs(),
                planned.task().source().orElse(null),
                store.location(),
                new StageTask.Execution(
                        capacity.threads(config),
                        work.cache().toString(),
                        CHECKPOINT_SECONDS,
                        1,
                        Plan.knn(run.experiment(), planned.task()).orElse(null),
                        run.deterministic(),
                        run.retention().checkpointEpochs(planned.task().stage())));
    }

    private void reap(Set<ExperimentRun> left) {
        for (Started each : List.copyOf(started)) {
            if (each.process().running()) {
                continue;
            }
            Termination end = each.process().ended();
            started.remove(each);
            each.run().observations().ended(each.planned(), end, Instant.now());
            // Others that need the same wait for it.
            left.forEach(run -> each.planned().key().ifPresent(run.observations()::queryAgain));
            display.ended(each.name(), endMessage(each, end), end.exitCode() == ExitCode.DONE);
        }
    }

    private static String endMessage(Started started, Termination end) {
        String time =
                StatusReport.eta(Duration.between(started.time(), Instant.now()).toMillis() / 1000.0);
        return switch (end.exitCode()) {
            case ExitCode.DONE -> "done in " + time;
            case ExitCode.INTERRUPTED -> "interrupted after " + time + ": " + end.message();
            default ->
                "failed with exit code " + end.exitCode() + " after " + time + ": " + end.message() + "\n"
                        + " ".repeat(18) + "log: " + started.process().log();
        };
    }

    private void showProgress(Map<ExperimentRun, Decision> decisions) {
        Instant now = Instant.now();
        if (now.isBefore(lastShown.plus(DISPLAY_INTERVAL))) {
            return;
        }
        lastShown = now;
        try {
            Map<ExperimentRun, Map<String, Progress>> newest = new HashMap<>();
            for (Started each : started) {
                Optional<Progress> progress = progress(each);
                if (progress.isPresent()) {
                    newest.computeIfAbsent(each.run(), run -> new HashMap<>())
                            .put(each.planned().task().name(), progress.get());
                    display.progress(each.name(), progress.get(), now);
                    remember(each.process().task(), progress.get());
                }
            }
            double passed = Duration.between(begun, now).toMillis() / 1000.0;
            Set<String> counted = new HashSet<>();
            display.total(
                    TimeLeft.sum(
                            decisions.entrySet().stream()
                                    .map(run -> TimeLeft.of(
                                            run.getValue(),
                                            counted,
                                            newest.getOrDefault(run.getKey(), Map.of()),
                                            capacity,
                                            stepTimes,
                                            passed))
                                    .toList(),
                            passed),
                    now);
        } catch (IOException | StageFailure e) {
            // This affects only the display; stages continue and report an unreachable store themselves.
            LOG.debug("no progress to show", e);
        }
    }

    /** Remembers the measured step time, for the estimates of {@code moco plan}. */
    private void remember(StageTask task, Progress progress) throws IOException {
        Double imagesPerSecond = progress.imagesPerSecond();
        if (progress.phase().equals(Progress.TRAINING) && imagesPerSecond != null) {
            stepTimes.put(
                    task.config(), task.execution().threads(), task.config().batchSize() / imagesPerSecond);
        }
    }

    /** Newest progress since a stage was started. */
    private Optional<Progress> progress(Started each) throws IOException {
        return store.artifacts()
                .progress(
                        each.process().task().config().stage(),
                        each.process().task().key())
                .filter(progress -> !progress.updated().isBefore(each.time()));
    }

    /** Asks every running stage to stop, and waits for its checkpoint. */
    private void stopStages() throws InterruptedException {
        started.forEach(each -> display.event(each.name(), "stopping, after a checkpoint"));
        started.forEach(each -> each.process().stop());
        Instant end = Instant.now().plusSeconds(GRACE_SECONDS);
        for (Started each : started) {
            if (!each.process()
                    .await(Math.max(0, Duration.between(Instant.now(), end).toSeconds()))) {
                each.process().kill();
                each.process().await(GRACE_SECONDS);
            }
        }
    }
}
