package dev.moco.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.contract.Progress;
import dev.moco.contract.StageResult.Pretrained;
import dev.moco.contract.StepCost;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.plan.Commits;
import dev.moco.operator.plan.PlannedTask;
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

/** Status of an experiment in a cluster: conditions, summary and results. */
class ClusterStatusTest {
    private static final String LONGEST_NAME = "a".repeat(63);

    @Test
    void aNewExperimentReportsTheReasonOfItsWait() {
        SimulatedCluster cluster = SimulatedCluster.of();
        MoCoExperimentStatus status = cluster.reconcile().status();
        assertThat(status.observedGeneration()).isEqualTo(1);
        assertThat(status.startTime()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(status.completionTime()).isNull();
        assertThat(cluster.condition("Ready")).isEqualTo("False InProgress");
        assertThat(cluster.condition("Reconciling")).isEqualTo("True InProgress");
        assertThat(cluster.condition("Stalled")).isEqualTo("False NoFailure");
        assertThat(cluster.condition("Succeeded")).isEqualTo("Unknown InProgress");
        assertThat(cluster.condition("Suspended")).isEqualTo("False NotSuspended");
        assertThat(cluster.condition("StorageReachable")).isEqualTo("Unknown NotAskedYet");
        assertThat(cluster.condition("DataLoaderBound")).isEqualTo("Unknown NothingTrains");
        assertThat(cluster.condition("Reproduced")).isEqualTo("Unknown NoResultYet");
        assertThat(cluster.state("prepare-voc")).isEqualTo("Blocked: its source is not listed yet");
    }

    @Test
    void aConditionKeepsItsTimeUntilItsStatusChanges() {
        SimulatedCluster cluster = SimulatedCluster.of();
        cluster.reconcile();
        cluster.later(Duration.ofMinutes(1));
        cluster.settle();
        assertThat(transition(cluster, "Ready")).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(transition(cluster, "StorageReachable")).isEqualTo("2026-01-01T00:01:00Z");
        cluster.later(Duration.ofMinutes(1));
        cluster.edit("suspend: true");
        cluster.settle();
        cluster.shared.jobs.clear();
        cluster.settle();
        assertThat(cluster.condition("Ready")).isEqualTo("False Suspended");
        assertThat(transition(cluster, "Ready")).as("still False").isEqualTo("2026-01-01T00:00:00Z");
        assertThat(transition(cluster, "Reconciling")).isEqualTo("2026-01-01T00:02:00Z");
        assertThat(transition(cluster, "StorageReachable")).isEqualTo("2026-01-01T00:01:00Z");
    }

    @Test
    void aRunningStageShowsItsProgress() {
        SimulatedCluster cluster = training(0.1);
        StageStatus stage = cluster.stage("pretrain");
        assertThat(stage.progress())
                .isEqualTo(new MoCoExperimentStatus.StageProgress(
                        3, 200, 500, 1000, 50, 1235L, 10, "7.100", 3600L, "2026-01-01T00:00:00Z"));
        assertThat(stage.checkpointStep()).isEqualTo(400);
        assertThat(Objects.requireNonNull(cluster.status).summary())
                .extracting(
                        MoCoExperimentStatus.Summary::stage,
                        MoCoExperimentStatus.Summary::progress,
                        MoCoExperimentStatus.Summary::eta,
                        MoCoExperimentStatus.Summary::loss,
                        MoCoExperimentStatus.Summary::imagesPerSecond,
                        MoCoExperimentStatus.Summary::reason)
                .containsExactly("pretrain", "50%", "1h00m", "7.100", "1235", "");
        cluster.restart();
        cluster.settle();
        assertThat(cluster.stage("pretrain").checkpointStep())
                .as("known from the previous status")
                .isEqualTo(400);
    }

    @Test
    void aStoppedStageShowsItsProgressWithoutAnEta() {
        SimulatedCluster cluster = training(0.1);
        cluster.edit("suspend: true");
        cluster.settle();
        cluster.shared.pods.clear();
        cluster.shared.jobs.values().removeIf(job -> job.getMetadata().getDeletionTimestamp() != null);
        cluster.settle();
        assertThat(cluster.stage("pretrain").state()).isEqualTo("Suspended");
        assertThat(Objects.requireNonNull(cluster.status).summary())
                .extracting(
                        MoCoExperimentStatus.Summary::stage,
                        MoCoExperimentStatus.Summary::progress,
                        MoCoExperimentStatus.Summary::eta,
                        MoCoExperimentStatus.Summary::imagesPerSecond)
                .containsExactly("pretrain", "50%", "", "");
    }

    @ParameterizedTest(name = "waits {0} of the time: {1}")
    @CsvSource({"0.05, False LoaderKeepsUp", "0.30, False LoaderKeepsUp", "0.31, True WaitsForData"})
    void trainingThatWaitsForItsDataIsReported(double share, String condition) {
        SimulatedCluster cluster = training(share);
        assertThat(cluster.condition("DataLoaderBound")).isEqualTo(condition);
        cluster.progress.clear();
        cluster.settle();
        assertThat(cluster.condition("DataLoaderBound"))
                .as("until new progress is read")
                .isEqualTo(condition);
    }

    @Test
    void dataLoaderBoundNamesTheFieldToChange() {
        assertThat(condition(training(0.45), "DataLoaderBound").message())
                .isEqualTo("pretrain waits for data 45% of the time, more than gates.dataWaitShare, 30%: give it more"
                        + " cores (spec.resources.pretrain.cpu, then suspend and resume); `moco bench input` measures the"
                        + " loader");
    }

    @Test
    void dataWaitsOutsideTheTrainingPhaseAreNotReported() {
        SimulatedCluster cluster = training(0.1);
        String key = cluster.planned("pretrain").key().orElseThrow();
        cluster.progress.put(key, progress("knn", 0.9, cluster.shared.now));
        cluster.settle();
        assertThat(cluster.condition("DataLoaderBound")).isEqualTo("False LoaderKeepsUp");
    }

    @Test
    void anEndedExperimentHasItsEndTimeReportAndGpuHours() {
        SimulatedCluster cluster =
                SimulatedCluster.of("detection: {enabled: false}").until("linear");
        cluster.later(Duration.ofHours(2));
        cluster.commit("linear");
        Pods.complete(cluster.job("linear"), cluster.shared.now);
        cluster.settle();
        MoCoExperimentStatus status = Objects.requireNonNull(cluster.status);
        assertThat(status.completionTime()).isEqualTo("2026-01-01T02:00:00Z");
        assertThat(status.reportUri()).isEqualTo("s3://experiments/report.html");
        assertThat(status.gpuHours()).isEqualTo("3.0");
        assertThat(status.data())
                .containsExactly(new MoCoExperimentStatus.RawData("prepare-imagenet", "print of prepare-imagenet"));
        assertThat(status.summary().top1()).isEqualTo("67.4");
        assertThat(cluster.stage("linear").completionTime()).isEqualTo("2026-01-01T02:00:00Z");
        assertThat(cluster.condition("Reproduced")).isEqualTo("True WithinPublishedSpread");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"fail with ä", "fail with \\\\u0001", "run", "wait", "succeed"})
    void theStatusOf20TrialsIsBelow16KiB(String what) throws JsonProcessingException {
        SimulatedCluster cluster = SimulatedCluster.of("detection: {trials: 20}", "retryToken: " + "t".repeat(63))
                .beside(
                        LONGEST_NAME,
                        LONGEST_NAME,
                        "detection: {trials: 20}",
                        "linear: {baseline: true}",
                        "retryToken: " + "t".repeat(63),
                        "storage: {bucket: " + "b".repeat(63) + ", prefix: " + "p".repeat(200)
                                + ", credentialsSecret: s3}")
                .until("detect-0");
        Job job = cluster.job("detect-0");
        for (int trial = 0; trial < 20; trial++) {
            Pod pod = Pods.add(cluster.shared, job, trial);
            pod.getMetadata().setName(job.getMetadata().getName() + "-" + trial + "-abcde");
            String key = cluster.planned("detect-" + trial).key().orElseThrow();
            if (what.startsWith("fail")) {
                String message = what.substring(what.lastIndexOf(' ') + 1).repeat(700);
                Pods.end(pod, 65, Pods.message(65, message), cluster.shared.now);
            } else if (what.equals("run")) {
                Pods.run(pod, cluster.shared.now);
                cluster.progress.put(key, progress("training", 0.5, cluster.shared.now));
            } else if (what.equals("wait")) {
                Pods.unschedulable(pod, "0/1000 nodes are available: Insufficient nvidia.com/gpu. ".repeat(20));
            } else {
                cluster.commit("detect-" + trial);
            }
        }
        cluster.settle();
        int size = json(cluster).getBytes(StandardCharsets.UTF_8).length;
        if (what.startsWith("fail")) {
            Pods.indexes(job, "", "0-19");
            Pods.fail(job, "all indexes failed", cluster.shared.now);
        } else if (what.equals("succeed")) {
            Pods.complete(job, cluster.shared.now);
        }
        PlannedTask pretrain = cluster.planned("pretrain");
        StepCost cost =
                new StepCost("NVIDIA H200 141GB HBM3e", 8, 120L << 30, 130L << 30, 3L << 30, 1e5, 999, 0.1906, 0.021);
        cluster.shared.commits.put(
                pretrain.key().orElseThrow(),
                Commits.of(pretrain, new Pretrained(6.57, 60, 80, 55.5, 6.5).withCost(cost), cluster.shared.now, 1e6));
        cluster.commit("linear", "linear-baseline");
        cluster.settle();
        size = Math.max(size, json(cluster).getBytes(StandardCharsets.UTF_8).length);
        assertThat(size).isLessThan(16 << 10);
        assertThat(Objects.requireNonNull(cluster.status).stages()).hasSize(25);
    }

    @Test
    void progressIsWrittenRarelyAndTransitionsImmediately() {
        SimulatedCluster cluster = training(0.1);
        MoCoExperimentStatus before = Objects.requireNonNull(cluster.status);
        Instant write = cluster.shared.now;
        assertThat(StatusChange.due(before, before, Instant.EPOCH, write)).isEmpty();
        assertThat(StatusChange.due(null, before, write, write)).contains(Duration.ZERO);
        String key = cluster.planned("pretrain").key().orElseThrow();
        cluster.later(Duration.ofSeconds(9));
        cluster.progress.put(key, progress("training", 0.2, cluster.shared.now));
        MoCoExperimentStatus moved = ReconcilePlan.of(cluster.input()).status();
        assertThat(moved).isNotEqualTo(before);
        assertThat(StatusChange.due(before, moved, write, write.plusSeconds(9))).contains(Duration.ofSeconds(1));
        assertThat(StatusChange.due(before, moved, write, write.plusSeconds(10)))
                .contains(Duration.ZERO);
        cluster.progress.put(key, progress("training", 0.9, cluster.shared.now));
        MoCoExperimentStatus bound = ReconcilePlan.of(cluster.input()).status();
        assertThat(StatusChange.due(before, bound, write, write.plusSeconds(1))).contains(Duration.ZERO);
    }

    @Test
    void aNewWaitIsWrittenImmediatelyAndItsChangingReasonRarely() {
        SimulatedCluster cluster = SimulatedCluster.of().until("pretrain");
        MoCoExperimentStatus starting = Objects.requireNonNull(cluster.status);
        Instant write = cluster.shared.now;
        Pod pod = Pods.add(cluster.shared, cluster.job("pretrain"), -1);
        Pods.unschedulable(pod, "0/1 nodes are available");
        MoCoExperimentStatus waits = cluster.settle().status();
        assertThat(StatusChange.due(starting, waits, write, write.plusSeconds(1)))
                .contains(Duration.ZERO);
        pod.getStatus().getConditions().get(0).setMessage("0/2 nodes are available");
        MoCoExperimentStatus other = cluster.settle().status();
        assertThat(other).isNotEqualTo(waits);
        assertThat(StatusChange.due(waits, other, write, write.plusSeconds(3))).contains(Duration.ofSeconds(7));
        assertThat(StatusChange.due(waits, other, write, write.plusSeconds(30))).contains(Duration.ZERO);
        assertThat(StatusChange.due(other, other, write, write.plusSeconds(30))).isEmpty();
    }

    @Test
    void aWholeExperimentTakesFewWrites() {
        SimulatedCluster cluster = SimulatedCluster.of("detection: {enabled: false}");
        cluster.settle();
        for (String task : new String[] {"prepare-imagenet", "pretrain", "linear"}) {
            Job job = cluster.job(task);
            Pod pod = Pods.add(cluster.shared, job, -1);
            cluster.settle();
            Pods.waiting(pod, "ContainerCreating", null);
            cluster.settle();
            Pods.run(pod, cluster.shared.now);
            cluster.settle();
            cluster.later(Duration.ofMinutes(5));
            cluster.commit(task);
            Pods.end(pod, 0, "", cluster.shared.now);
            cluster.settle();
            Pods.complete(job, cluster.shared.now);
            cluster.settle();
        }
        assertThat(cluster.condition("Ready")).isEqualTo("True Succeeded");
        // The first status, the first Job, and the start and end of each stage, whose end is also the next Job. The URI
        // of
        // the report is one more write, since the end of the last stage is reported first.
        assertThat(cluster.statusWrites).isLessThanOrEqualTo(2 + 3 * 2 + 1);
    }

    private static SimulatedCluster training(double dataWaitShare) {
        SimulatedCluster cluster =
                SimulatedCluster.of("timeouts: {stalledMinutes: 0}").until("pretrain");
        Pods.run(Pods.add(cluster.shared, cluster.job("pretrain"), -1), cluster.shared.now);
        String key = cluster.planned("pretrain").key().orElseThrow();
        cluster.progress.put(key, progress("training", dataWaitShare, cluster.shared.now));
        cluster.settle();
        return cluster;
    }

    private static Progress progress(String phase, double dataWaitShare, Instant now) {
        return new Progress(phase, 3, 200, 500, 1000, 1234.5, dataWaitShare, 7.1, 50.0, 60.0, 3600.0, 400L, 1, now);
    }

    private static Condition condition(SimulatedCluster cluster, String type) {
        return Objects.requireNonNull(cluster.status).conditions().stream()
                .filter(is -> is.type().equals(type))
                .findFirst()
                .orElseThrow();
    }

    private static String transition(SimulatedCluster cluster, String type) {
        return Objects.requireNonNull(condition(cluster, type).lastTransitionTime());
    }

    private static String json(SimulatedCluster cluster) throws JsonProcessingException {
        return new JsonMapper().writeValueAsString(cluster.status);
    }
}
