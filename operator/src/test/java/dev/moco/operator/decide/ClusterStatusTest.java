package dev.moco.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.contract.Progress;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.report.StatusChange;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a status tells of an experiment in a cluster, beside its stages. */
class ClusterStatusTest {
    private static final String LONGEST_NAME = "a".repeat(63);

    @Test
    void aNewExperimentSaysWhatItWaitsFor() {
        World world = World.of();
        MoCoExperimentStatus status = world.turn().status();
        assertThat(status.observedGeneration()).isEqualTo(1);
        assertThat(status.startTime()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(status.completionTime()).isNull();
        assertThat(world.condition("Ready")).isEqualTo("False InProgress");
        assertThat(world.condition("Reconciling")).isEqualTo("True InProgress");
        assertThat(world.condition("Stalled")).isEqualTo("False NoFailure");
        assertThat(world.condition("Succeeded")).isEqualTo("Unknown InProgress");
        assertThat(world.condition("Suspended")).isEqualTo("False NotSuspended");
        assertThat(world.condition("StorageReachable")).isEqualTo("Unknown NotAskedYet");
        assertThat(world.condition("DataLoaderBound")).isEqualTo("Unknown NothingTrains");
        assertThat(world.condition("Reproduced")).isEqualTo("Unknown NoResultYet");
        assertThat(world.state("prepare-voc")).isEqualTo("Blocked: the raw data is not listed yet");
    }

    @Test
    void aConditionKeepsItsTimeUntilItsStatusChanges() {
        World world = World.of();
        world.turn();
        world.later(Duration.ofMinutes(1));
        world.settle();
        assertThat(transition(world, "Ready")).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(transition(world, "StorageReachable")).isEqualTo("2026-01-01T00:01:00Z");
        world.later(Duration.ofMinutes(1));
        world.edit("suspend: true");
        world.settle();
        assertThat(world.condition("Ready")).isEqualTo("False Suspended");
        assertThat(transition(world, "Ready")).as("still False").isEqualTo("2026-01-01T00:00:00Z");
        assertThat(transition(world, "Reconciling")).isEqualTo("2026-01-01T00:02:00Z");
        assertThat(transition(world, "StorageReachable")).isEqualTo("2026-01-01T00:01:00Z");
    }

    @Test
    void aRunningStageShowsWhereItIs() {
        World world = training(0.1);
        StageStatus stage = world.stage("pretrain");
        assertThat(stage.progress())
                .isEqualTo(new MoCoExperimentStatus.StageProgress(
                        3, 200, 500, 1000, 50, 1235L, 10, "7.100", 3600L, "2026-01-01T00:00:00Z"));
        assertThat(stage.checkpointStep()).isEqualTo(400);
        assertThat(Objects.requireNonNull(world.status).summary())
                .extracting(
                        MoCoExperimentStatus.Summary::stage,
                        MoCoExperimentStatus.Summary::progress,
                        MoCoExperimentStatus.Summary::eta,
                        MoCoExperimentStatus.Summary::loss,
                        MoCoExperimentStatus.Summary::imagesPerSecond,
                        MoCoExperimentStatus.Summary::reason)
                .containsExactly("pretrain", "50%", "1h00m", "7.100", "1235", "");
        world.restart();
        world.settle();
        assertThat(world.stage("pretrain").checkpointStep()).as("known before").isEqualTo(400);
    }

    @Test
    void aStoppedStageShowsHowFarItIsButNoEnd() {
        World world = training(0.1);
        world.edit("suspend: true");
        world.settle();
        world.shared.pods.clear();
        world.shared.jobs.values().removeIf(job -> job.getMetadata().getDeletionTimestamp() != null);
        world.settle();
        assertThat(world.stage("pretrain").state()).isEqualTo("Suspended");
        assertThat(Objects.requireNonNull(world.status).summary())
                .extracting(
                        MoCoExperimentStatus.Summary::stage,
                        MoCoExperimentStatus.Summary::progress,
                        MoCoExperimentStatus.Summary::eta,
                        MoCoExperimentStatus.Summary::imagesPerSecond)
                .containsExactly("pretrain", "50%", "", "");
    }

    @ParameterizedTest(name = "waits {0} of the time: {1}")
    @CsvSource({"0.05, False LoaderKeepsUp", "0.30, False LoaderKeepsUp", "0.31, True WaitsForData"})
    void trainingThatWaitsForItsDataIsTold(double share, String condition) {
        World world = training(share);
        assertThat(world.condition("DataLoaderBound")).isEqualTo(condition);
        world.progress.clear();
        world.settle();
        assertThat(world.condition("DataLoaderBound"))
                .as("while nobody knows better")
                .isEqualTo(condition);
    }

    @Test
    void aBoundLoaderComesWithAdvice() {
        assertThat(condition(training(0.45), "DataLoaderBound").message())
                .isEqualTo("pretrain waits for data 45% of the time, more than gates.dataWaitShare, 30%: give it more"
                        + " cores (spec.resources.pretrain.cpu, then suspend and resume); `moco bench input` measures the"
                        + " loader");
    }

    @Test
    void otherPhasesThanTrainingAreNoMatterOfTheLoader() {
        World world = training(0.1);
        String key = world.planned("pretrain").key().orElseThrow();
        world.progress.put(key, progress("knn", 0.9, world.shared.now));
        world.settle();
        assertThat(world.condition("DataLoaderBound")).isEqualTo("False LoaderKeepsUp");
    }

    @Test
    void theEndHasItsTimeItsReportAndItsHours() {
        World world = World.of("detection: {enabled: false}").until("linear");
        world.later(Duration.ofHours(2));
        world.commit("linear");
        Pods.complete(world.job("linear"), world.shared.now);
        world.settle();
        MoCoExperimentStatus status = Objects.requireNonNull(world.status);
        assertThat(status.completionTime()).isEqualTo("2026-01-01T02:00:00Z");
        assertThat(status.reportUri()).isEqualTo("s3://experiments/report.html");
        assertThat(status.gpuHours()).isEqualTo("3.0");
        assertThat(status.data())
                .containsExactly(new MoCoExperimentStatus.RawData("prepare-imagenet", "print of prepare-imagenet"));
        assertThat(status.summary().top1()).isEqualTo("67.4");
        assertThat(world.stage("linear").completionTime()).isEqualTo("2026-01-01T02:00:00Z");
        assertThat(world.condition("Reproduced")).isEqualTo("True WithinPublishedSpread");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"fail with ä", "fail with \\\\u0001", "run", "wait", "succeed"})
    void theStatusIsBelow16KiBWhatever20TrialsDo(String what) throws JsonProcessingException {
        World world = World.of("detection: {trials: 20}", "retryToken: " + "t".repeat(63))
                .beside(
                        LONGEST_NAME,
                        LONGEST_NAME,
                        "detection: {trials: 20}",
                        "linear: {baseline: true}",
                        "retryToken: " + "t".repeat(63),
                        "storage: {bucket: " + "b".repeat(63) + ", prefix: " + "p".repeat(200) + "}")
                .until("detect-0");
        Job job = world.job("detect-0");
        for (int trial = 0; trial < 20; trial++) {
            Pod pod = Pods.add(world.shared, job, trial);
            pod.getMetadata().setName(job.getMetadata().getName() + "-" + trial + "-abcde");
            String key = world.planned("detect-" + trial).key().orElseThrow();
            if (what.startsWith("fail")) {
                String message = what.substring(what.lastIndexOf(' ') + 1).repeat(700);
                Pods.end(pod, 65, Pods.words(65, message), world.shared.now);
            } else if (what.equals("run")) {
                Pods.run(pod, world.shared.now);
                world.progress.put(key, progress("training", 0.5, world.shared.now));
            } else if (what.equals("wait")) {
                Pods.unschedulable(pod, "0/1000 nodes are available: Insufficient nvidia.com/gpu. ".repeat(20));
            } else {
                world.commit("detect-" + trial);
            }
        }
        world.settle();
        int size = json(world).getBytes(StandardCharsets.UTF_8).length;
        if (what.startsWith("fail")) {
            Pods.indexes(job, "", "0-19");
            Pods.fail(job, "all indexes failed", world.shared.now);
        } else if (what.equals("succeed")) {
            Pods.complete(job, world.shared.now);
        }
        world.commit("linear", "linear-baseline");
        world.settle();
        size = Math.max(size, json(world).getBytes(StandardCharsets.UTF_8).length);
        assertThat(size).isLessThan(16 << 10);
        assertThat(Objects.requireNonNull(world.status).stages()).hasSize(25);
    }

    @Test
    void figuresThatMoveAreWrittenSeldomAndTransitionsAtOnce() {
        World world = training(0.1);
        MoCoExperimentStatus before = Objects.requireNonNull(world.status);
        Instant write = world.shared.now;
        assertThat(StatusChange.due(before, before, Instant.EPOCH, write)).isEmpty();
        assertThat(StatusChange.due(null, before, write, write)).contains(Duration.ZERO);
        String key = world.planned("pretrain").key().orElseThrow();
        world.later(Duration.ofSeconds(9));
        world.progress.put(key, progress("training", 0.2, world.shared.now));
        MoCoExperimentStatus moved = ReconcilePlan.of(world.scene()).status();
        assertThat(moved).isNotEqualTo(before);
        assertThat(StatusChange.due(before, moved, write, write.plusSeconds(9))).contains(Duration.ofSeconds(1));
        assertThat(StatusChange.due(before, moved, write, write.plusSeconds(10)))
                .contains(Duration.ZERO);
        world.progress.put(key, progress("training", 0.9, world.shared.now));
        MoCoExperimentStatus bound = ReconcilePlan.of(world.scene()).status();
        assertThat(StatusChange.due(before, bound, write, write.plusSeconds(1))).contains(Duration.ZERO);
    }

    @Test
    void theReasonOfAWaitIsToldAtOnceAndItsOtherWordsInTime() {
        World world = World.of().until("pretrain");
        MoCoExperimentStatus starting = Objects.requireNonNull(world.status);
        Instant write = world.shared.now;
        Pod pod = Pods.add(world.shared, world.job("pretrain"), -1);
        Pods.unschedulable(pod, "0/1 nodes are available");
        MoCoExperimentStatus waits = world.settle().status();
        assertThat(StatusChange.due(starting, waits, write, write.plusSeconds(1)))
                .contains(Duration.ZERO);
        pod.getStatus().getConditions().get(0).setMessage("0/2 nodes are available");
        MoCoExperimentStatus other = world.settle().status();
        assertThat(other).isNotEqualTo(waits);
        assertThat(StatusChange.due(waits, other, write, write.plusSeconds(3))).contains(Duration.ofSeconds(7));
        assertThat(StatusChange.due(waits, other, write, write.plusSeconds(30))).contains(Duration.ZERO);
        assertThat(StatusChange.due(other, other, write, write.plusSeconds(30))).isEmpty();
    }

    @Test
    void aWholeExperimentTakesFewWrites() {
        World world = World.of("detection: {enabled: false}");
        world.settle();
        for (String task : new String[] {"prepare-imagenet", "pretrain", "linear"}) {
            Job job = world.job(task);
            Pod pod = Pods.add(world.shared, job, -1);
            world.settle();
            Pods.waiting(pod, "ContainerCreating", null);
            world.settle();
            Pods.run(pod, world.shared.now);
            world.settle();
            world.later(Duration.ofMinutes(5));
            world.commit(task);
            Pods.end(pod, 0, "", world.shared.now);
            world.settle();
            Pods.complete(job, world.shared.now);
            world.settle();
        }
        assertThat(world.condition("Ready")).isEqualTo("True Succeeded");
        // The first; the first Job; and each stage's start and end, which is the next one's Job. The report's URI is
        // one
        // more, as the last stage's end is told first.
        assertThat(world.statusWrites).isLessThanOrEqualTo(2 + 3 * 2 + 1);
    }

    private static World training(double dataWaitShare) {
        World world = World.of("timeouts: {stalledMinutes: 0}").until("pretrain");
        Pods.run(Pods.add(world.shared, world.job("pretrain"), -1), world.shared.now);
        String key = world.planned("pretrain").key().orElseThrow();
        world.progress.put(key, progress("training", dataWaitShare, world.shared.now));
        world.settle();
        return world;
    }

    private static Progress progress(String phase, double dataWaitShare, Instant now) {
        return new Progress(phase, 3, 200, 500, 1000, 1234.5, dataWaitShare, 7.1, 50.0, 60.0, 3600.0, 400L, 1, now);
    }

    private static Condition condition(World world, String type) {
        return Objects.requireNonNull(world.status).conditions().stream()
                .filter(is -> is.type().equals(type))
                .findFirst()
                .orElseThrow();
    }

    private static String transition(World world, String type) {
        return Objects.requireNonNull(condition(world, type).lastTransitionTime());
    }

    private static String json(World world) throws JsonProcessingException {
        return new JsonMapper().writeValueAsString(world.status);
    }
}
