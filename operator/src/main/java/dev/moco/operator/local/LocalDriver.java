package dev.moco.operator.local;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.StepTimes;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
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
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the plan of an experiment with child processes on this machine. */
public final class LocalDriver {
    private static final Logger LOG = LoggerFactory.getLogger(LocalDriver.class);
    private static final long POLL_MILLIS = 250;
    private static final Duration DISPLAY_INTERVAL = Duration.ofSeconds(1);
    private static final long GRACE_SECONDS = 120;
    private static final int CHECKPOINT_SECONDS = 20;

    private final Experiment experiment;
    private final WorkFolder work;
    private final Path home;
    private final LocalStore store;
    private final ProgressDisplay display;
    private final LocalMachine machine;
    private final boolean deterministic;
    private final Retention retention;
    private final Capacity capacity;
    private final StepTimes stepTimes;
    private final AtomicBoolean stop;
    private final Map<String, StageProcess> processes = new LinkedHashMap<>();
    private final Map<String, Placed> places = new HashMap<>();
    private final Map<String, PlannedTask> running = new HashMap<>();
    private final Map<String, Instant> startTimes = new HashMap<>();
    private final Instant begun = Instant.now();
    private Instant lastShown = Instant.MIN;

    /**
     * Creates a driver.
     *
     * @param home checkout with the built stages
     * @param machine what of this machine the stages may use
     * @param deterministic whether GPUs take only algorithms that add in the same order at every run
     * @param retention which checkpoints are kept
     * @param stop set when the user asks to stop
     */
    public LocalDriver(
            Experiment experiment,
            WorkFolder work,
            Path home,
            LocalStore store,
            ProgressDisplay display,
            LocalMachine machine,
            boolean deterministic,
            Retention retention,
            AtomicBoolean stop) {
        this.experiment = experiment;
        this.work = work;
        this.home = home;
        this.store = store;
        this.display = display;
        this.machine = machine;
        this.deterministic = deterministic;
        this.retention = retention;
        this.capacity = machine.capacity();
        this.stepTimes = new StepTimes(work.root());
        this.stop = stop;
    }

    /**
     * Runs the remaining tasks of the plan, to the end or until it is asked to stop; then every running stage saves a
     * checkpoint.
     *
     * @return the state of every task; some are unfinished if it was asked to stop
     */
    public Decision run(LocalObservations observations) throws IOException, InterruptedException {
        try {
            Decision decision = observations.decide(Instant.now());
            for (PlannedTask task : decision.tasks()) {
                if (task.state() == TaskState.SUCCEEDED) {
                    display.event(task.task().name(), "cached, key " + shortKey(task));
                }
            }
            while (!decision.finished()) {
                if (stop.get()) {
                    stopStages();
                    reap(observations);
                    return observations.decide(Instant.now());
                }
                startReady(decision, observations);
                Thread.sleep(POLL_MILLIS);
                reap(observations);
                decision = observations.decide(Instant.now());
                showProgress(decision);
            }
            return decision;
        } finally {
            display.end();
            processes.values().forEach(StageProcess::kill);
        }
    }

    private static String shortKey(PlannedTask task) {
        return task.key().map(key -> key.substring(0, 12)).orElse("");
    }

    private void startReady(Decision decision, LocalObservations observations) {
        for (PlannedTask ready : decision.ready()) {
            StageConfig config = ready.config().orElseThrow();
            Optional<List<Integer>> place = capacity.place(config, places.values());
            if (place.isPresent()) {
                String name = ready.task().name();
                StageTask task = task(ready);
                processes.put(
                        name, StageProcess.start(task, work, home, devices(config, place.get()), store.environment()));
                places.put(name, new Placed(config, place.get()));
                running.put(name, ready);
                startTimes.put(name, Instant.now());
                observations.started(name);
                display.event(name, "started, key " + shortKey(ready) + ", " + ready.reason());
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

    private StageTask task(PlannedTask planned) {
        StageConfig config = planned.config().orElseThrow();
        return new StageTask(
                experiment.name(),
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
                        Plan.knn(experiment, planned.task()).orElse(null),
                        deterministic,
                        retention.checkpointEpochs(planned.task().stage())));
    }

    private void reap(LocalObservations observations) {
        for (StageProcess process : List.copyOf(processes.values())) {
            if (process.running()) {
                continue;
            }
            String name = process.task().name();
            Termination end = process.ended();
            processes.remove(name);
            places.remove(name);
            PlannedTask planned = running.remove(name);
            if (planned != null) {
                observations.ended(planned, end, Instant.now());
            }
            display.ended(name, endMessage(name, end, process.log()), end.exitCode() == ExitCode.DONE);
        }
    }

    private String endMessage(String name, Termination end, Path log) {
        String time = StatusReport.eta(Duration.between(startTimes.getOrDefault(name, Instant.now()), Instant.now())
                        .toMillis()
                / 1000.0);
        return switch (end.exitCode()) {
            case ExitCode.DONE -> "done in " + time;
            case ExitCode.INTERRUPTED -> "interrupted after " + time + ": " + end.message();
            default ->
                "failed with exit code " + end.exitCode() + " after " + time + ": " + end.message() + "\n"
                        + " ".repeat(18) + "log: " + log;
        };
    }

    private void showProgress(Decision decision) {
        Instant now = Instant.now();
        if (now.isBefore(lastShown.plus(DISPLAY_INTERVAL))) {
            return;
        }
        lastShown = now;
        try {
            Map<String, Progress> progress = progress();
            for (Map.Entry<String, Progress> newest : progress.entrySet()) {
                display.progress(newest.getKey(), newest.getValue(), now);
                remember(newest.getKey(), newest.getValue());
            }
            double passed = Duration.between(begun, now).toMillis() / 1000.0;
            display.total(TimeLeft.of(decision, progress, capacity, stepTimes, passed), now);
        } catch (IOException | StageFailure e) {
            // This affects only the display; stages continue and report an unreachable store themselves.
            LOG.debug("no progress to show", e);
        }
    }

    /** Remembers the measured step time, for the estimates of {@code moco plan}. */
    private void remember(String task, Progress progress) throws IOException {
        StageProcess process = processes.get(task);
        Double imagesPerSecond = progress.imagesPerSecond();
        if (process != null && progress.phase().equals(Progress.TRAINING) && imagesPerSecond != null) {
            StageTask stageTask = process.task();
            double seconds = stageTask.config().batchSize() / imagesPerSecond;
            stepTimes.put(stageTask.config(), stageTask.execution().threads(), seconds);
        }
    }

    /** Newest progress of running tasks. */
    public Map<String, Progress> progress() throws IOException {
        Map<String, Progress> newest = new LinkedHashMap<>();
        ArtifactStore artifacts = store.artifacts();
        for (StageProcess process : processes.values()) {
            Instant since = startTimes.getOrDefault(process.task().name(), Instant.MIN);
            artifacts
                    .progress(process.task().config().stage(), process.task().key())
                    .filter(progress -> !progress.updated().isBefore(since))
                    .ifPresent(progress -> newest.put(process.task().name(), progress));
        }
        return newest;
    }

    /** Asks every running stage to stop, and waits for its checkpoint. */
    private void stopStages() throws InterruptedException {
        processes.keySet().forEach(name -> display.event(name, "stopping, after a checkpoint"));
        processes.values().forEach(StageProcess::stop);
        Instant end = Instant.now().plusSeconds(GRACE_SECONDS);
        for (StageProcess process : processes.values()) {
            if (!process.await(Math.max(0, Duration.between(Instant.now(), end).toSeconds()))) {
                process.kill();
                process.await(GRACE_SECONDS);
            }
        }
    }
}
