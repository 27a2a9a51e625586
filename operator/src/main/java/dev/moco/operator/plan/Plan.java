package dev.moco.operator.plan;

import dev.moco.contract.ArtifactKey;
import dev.moco.contract.ArtifactRef;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.Manifest;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.PrepareConfig.Dataset;
import dev.moco.contract.Stage;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageTask;
import dev.moco.contract.Termination;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The plan of an experiment: its tasks, their keys, and the one decision function of every driver. */
public final class Plan {
    public static final String PREPARE_IMAGENET = "prepare-imagenet";
    public static final String PREPARE_VOC = "prepare-voc";
    public static final String PRETRAIN = "pretrain";
    public static final String LINEAR = "linear";
    public static final String BASELINE = "linear-baseline";
    private static final String DETECT = "detect-";
    /** Seed of the shards' one shuffle: the same for all experiments, so that they share the prepared data. */
    private static final long SHUFFLE_SEED = 0;

    /** Faults of one task that are forgiven; it has failed with the next. */
    public static final int RETRIES = 3;

    private static final Duration BACK_OFF = Duration.ofSeconds(5);

    private Plan() {}

    /** Tasks in the order of the data. */
    public static List<Task> tasks(Experiment experiment) {
        List<Task> tasks = new ArrayList<>();
        tasks.add(new Task(PREPARE_IMAGENET, Stage.PREPARE, Map.of()));
        if (experiment.detection().isPresent()) {
            tasks.add(new Task(PREPARE_VOC, Stage.PREPARE, Map.of()));
        }
        tasks.add(new Task(PRETRAIN, Stage.PRETRAIN, Map.of(StageTask.IMAGENET, PREPARE_IMAGENET)));
        experiment.linear().ifPresent(linear -> {
            tasks.add(new Task(
                    LINEAR, Stage.LINEAR, Map.of(StageTask.IMAGENET, PREPARE_IMAGENET, StageTask.ENCODER, PRETRAIN)));
            if (linear.baseline()) {
                tasks.add(new Task(BASELINE, Stage.LINEAR, Map.of(StageTask.IMAGENET, PREPARE_IMAGENET)));
            }
        });
        experiment.detection().ifPresent(detection -> {
            for (int trial = 0; trial < detection.trials(); trial++) {
                tasks.add(new Task(
                        DETECT + trial, Stage.DETECT, Map.of(StageTask.VOC, PREPARE_VOC, StageTask.ENCODER, PRETRAIN)));
            }
        });
        return tasks;
    }

    /** What a task would do; empty while the fingerprint of its raw data is unknown. */
    static Optional<StageConfig> config(Experiment experiment, Task task, Map<String, String> fingerprints) {
        return switch (task.stage()) {
            case PREPARE ->
                Optional.ofNullable(fingerprints.get(task.name()))
                        .map(fingerprint -> prepare(experiment.data(), task, fingerprint));
            case PRETRAIN -> Optional.of(experiment.pretrain());
            case LINEAR ->
                experiment
                        .linear()
                        .map(linear -> task.name().equals(BASELINE)
                                ? untrained(
                                        linear.config(), experiment.pretrain().seed())
                                : linear.config());
            case DETECT ->
                experiment
                        .detection()
                        .map(detection -> trial(
                                detection.config(), Long.parseLong(task.name().substring(DETECT.length()))));
        };
    }

    private static PrepareConfig prepare(Experiment.Data data, Task task, String fingerprint) {
        boolean voc = task.name().equals(PREPARE_VOC);
        return new PrepareConfig(
                voc ? Dataset.VOC : Dataset.IMAGENET,
                fingerprint,
                data.onBadImage(),
                voc ? data.vocClasses() : List.of(),
                data.shardImages(),
                SHUFFLE_SEED);
    }

    private static LinearConfig untrained(LinearConfig probe, long encoderSeed) {
        return new LinearConfig(
                probe.architecture(),
                true,
                encoderSeed,
                probe.imageSize(),
                probe.epochs(),
                probe.batchSize(),
                probe.optimizer(),
                probe.precision(),
                probe.seed());
    }

    private static DetectConfig trial(DetectConfig base, long trial) {
        return new DetectConfig(
                base.architecture(),
                base.input(),
                base.anchors(),
                base.proposals(),
                base.regions(),
                base.solver(),
                base.preciseBnIterations(),
                base.precision(),
                base.seed() + trial);
    }

    /** Raw data of a task that prepares some: {@code s3://bucket/prefix} or a folder. */
    public static Optional<String> source(Experiment experiment, Task task) {
        return switch (task.stage()) {
            case PREPARE ->
                Optional.ofNullable(
                        task.name().equals(PREPARE_VOC)
                                ? experiment.data().voc()
                                : experiment.data().imagenet());
            case PRETRAIN, LINEAR, DETECT -> Optional.empty();
        };
    }

    /** Monitor of a task that pre-trains. */
    public static Optional<KnnMonitor> knn(Experiment experiment, Task task) {
        return task.stage() == Stage.PRETRAIN ? Optional.of(experiment.knn()) : Optional.empty();
    }

    /** Where every task stands, given what was observed. */
    public static Decision decide(Experiment experiment, PlanInput observed, Instant now) {
        Map<String, PlannedTask> planned = new LinkedHashMap<>();
        for (Task task : tasks(experiment)) {
            planned.put(task.name(), plan(experiment, task, planned, observed, now));
        }
        int exitCode = planned.values().stream()
                .filter(task -> task.state() == TaskState.FAILED)
                .map(task -> observed.attempts()
                        .getOrDefault(task.task().name(), Attempts.NONE)
                        .last())
                .filter(last -> last != null)
                .mapToInt(Plan::exitCode)
                .findFirst()
                .orElse(ExitCode.DONE);
        return new Decision(List.copyOf(planned.values()), exitCode);
    }

    /** Exit code of a failed task: one that says that all is well, without a commit, is a fault. */
    private static int exitCode(Termination last) {
        return last.exitCode() == ExitCode.DONE || last.exitCode() == ExitCode.INTERRUPTED
                ? ExitCode.FAULT
                : last.exitCode();
    }

    private static PlannedTask plan(
            Experiment experiment, Task task, Map<String, PlannedTask> before, PlanInput observed, Instant now) {
        Optional<StageConfig> config = config(experiment, task, observed.fingerprints());
        Map<String, ArtifactRef> inputs = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        List<String> failed = new ArrayList<>();
        task.inputs().entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(input -> {
            PlannedTask maker = before.get(input.getValue());
            if (maker != null && maker.manifest().isPresent()) {
                inputs.put(input.getKey(), maker.manifest().get().ref());
            } else {
                missing.add(input.getValue());
                if (maker != null && maker.state() == TaskState.FAILED) {
                    failed.add(input.getValue());
                }
            }
        });
        if (!failed.isEmpty()) {
            String reason = "needs " + String.join(" and ", failed) + ", which failed";
            return new PlannedTask(task, config, Optional.empty(), inputs, TaskState.FAILED, reason, Optional.empty());
        }
        if (!missing.isEmpty()) {
            String reason = "needs " + String.join(" and ", missing) + "; its key is known after that";
            return new PlannedTask(task, config, Optional.empty(), inputs, TaskState.BLOCKED, reason, Optional.empty());
        }
        if (config.isEmpty()) {
            String reason = "the raw data is not listed yet";
            return new PlannedTask(task, config, Optional.empty(), inputs, TaskState.BLOCKED, reason, Optional.empty());
        }
        return withKey(task, config.get(), inputs, observed, now);
    }

    private static PlannedTask withKey(
            Task task, StageConfig config, Map<String, ArtifactRef> inputs, PlanInput observed, Instant now) {
        String key = ArtifactKey.of(config, inputs);
        Attempts attempts = observed.attempts().getOrDefault(task.name(), Attempts.NONE);
        Manifest manifest = observed.committed().get(key);
        TaskState state;
        String reason;
        if (manifest != null) {
            state = TaskState.SUCCEEDED;
            reason = attempts.last() == null ? "committed earlier" : "committed";
        } else {
            state = attempts.verdict().orElseGet(() -> afterAttempts(attempts, now));
            reason = state.active()
                    ? attempts.note()
                    : reason(
                            attempts,
                            state,
                            Optional.ofNullable(observed.damaged().get(key)));
        }
        return new PlannedTask(
                task, Optional.of(config), Optional.of(key), inputs, state, reason, Optional.ofNullable(manifest));
    }

    private static TaskState afterAttempts(Attempts attempts, Instant now) {
        Termination last = attempts.last();
        if (last == null || last.exitCode() == ExitCode.INTERRUPTED) {
            return TaskState.READY;
        }
        if (last.exitCode() == ExitCode.BAD_DATA
                || last.exitCode() == ExitCode.BAD_CONFIG
                || attempts.faults() > RETRIES) {
            return TaskState.FAILED;
        }
        Instant ended = attempts.ended();
        // 5 s, 10 s, 20 s: a server that restarts is back by then.
        Duration wait = BACK_OFF.multipliedBy(1L << Math.max(0, attempts.faults() - 1));
        return ended != null && now.isBefore(ended.plus(wait)) ? TaskState.WAITING : TaskState.READY;
    }

    private static String reason(Attempts attempts, TaskState state, Optional<String> damage) {
        Termination last = attempts.last();
        if (last == null) {
            return damage.map(what -> "committed, but " + what + ": runs again").orElse("no result under its key");
        }
        String message = last.message() != null
                ? last.message()
                : damage.map(what -> "it committed, but " + what).orElse("it ended without a commit");
        if (state == TaskState.FAILED) {
            return message;
        }
        return last.exitCode() == ExitCode.INTERRUPTED
                ? "goes on after: " + message
                : "retry " + attempts.faults() + " of " + RETRIES + " after: " + message;
    }

    /** Names of tasks in a state. */
    public static String names(Decision decision, TaskState state) {
        return decision.tasks().stream()
                .filter(task -> task.state() == state)
                .map(task -> task.task().name())
                .collect(Collectors.joining(", "));
    }
}
