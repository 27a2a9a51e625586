package dev.moco.operator.resilience;

import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Stage;
import dev.moco.contract.StageTask;
import dev.moco.contract.Termination;
import dev.moco.localcluster.ContainerExit;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/** What the users of a {@link SimulatedLife} do, and how their stages fare. */
enum Story {
    SUCCEEDS,
    SHARES_STAGES_WITH_ANOTHER,
    IS_SUSPENDED_AND_RESUMED,
    IS_CANCELED,
    FAILS_AND_IS_RETRIED,
    HAS_A_STALLED_STAGE,
    HAS_A_STAGE_THAT_FAILS_ONCE;

    /** Longer than it takes to read a stage's progress; with any fault still shorter than a stage. */
    private static final Duration WHILE = Duration.ofSeconds(90);

    /**
     * A change of an experiment by its user.
     *
     * @param when condition of the cluster
     * @param after how long it has held
     * @param patch JSON merge patch of the experiment's spec
     */
    record Edit(Predicate<SimulatedLife> when, Duration after, String experiment, String patch) {}

    /** YAML of the experiments that are applied at the beginning, by name. */
    Map<String, String> experiments() {
        Map<String, String> experiments = new TreeMap<>();
        experiments.put("first", experiment("first", "detection: {trials: 2}"));
        if (this == SHARES_STAGES_WITH_ANOTHER) {
            experiments.put("second", experiment("second", "detection: {trials: 1}"));
        }
        return experiments;
    }

    private String experiment(String name, String stages) {
        return """
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: %s}
                spec:
                  data: {imagenet: s3://datasets/raw/ilsvrc2012, voc: s3://datasets/raw/voc}
                  timeouts: {stalledMinutes: 10}
                  %s
                """.formatted(name, stages);
    }

    /** Edits, each of which waits for the one before. */
    List<Edit> edits() {
        Predicate<SimulatedLife> pretrains = life -> life.running().contains("pretrain");
        Predicate<SimulatedLife> idle = life -> life.unfinishedJobs() == 0;
        return switch (this) {
            case IS_SUSPENDED_AND_RESUMED ->
                List.of(
                        new Edit(pretrains, WHILE, "first", "{\"suspend\":true}"),
                        new Edit(idle, WHILE, "first", "{\"suspend\":false}"));
            case IS_CANCELED -> List.of(new Edit(pretrains, WHILE, "first", "{\"cancel\":true}"));
            case FAILS_AND_IS_RETRIED ->
                List.of(new Edit(life -> life.failed("first"), WHILE, "first", "{\"retryToken\":\"once more\"}"));
            default -> List.of();
        };
    }

    /** True if the n-th pod of a task, from 1, runs without progress until it is evicted. */
    boolean hangs(StageTask task, int pod) {
        return this == HAS_A_STALLED_STAGE && pretrainsFirst(task, pod);
    }

    /** How the n-th pod of a task, from 1, fails; empty if it commits its result. */
    Optional<ContainerExit> failure(StageTask task, int pod) {
        return switch (this) {
            case FAILS_AND_IS_RETRIED ->
                pretrainsFirst(task, pod) ? exit(ExitCode.BAD_DATA, "a torn shard") : Optional.empty();
            case HAS_A_STAGE_THAT_FAILS_ONCE ->
                pretrainsFirst(task, pod) ? exit(ExitCode.FAULT, "reset by peer") : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static boolean pretrainsFirst(StageTask task, int pod) {
        return task.config().stage() == Stage.PRETRAIN && pod == 1;
    }

    private static Optional<ContainerExit> exit(int code, String message) {
        byte[] termination = CanonicalJson.bytes(new Termination(code, message, null));
        return Optional.of(new ContainerExit(code, new String(termination, StandardCharsets.UTF_8)));
    }
}
