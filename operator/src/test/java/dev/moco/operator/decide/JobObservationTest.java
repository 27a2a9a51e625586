package dev.moco.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.observe.JobIndexes;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** States of stages in the status, derived from Jobs and pods. */
class JobObservationTest {
    private SimulatedCluster cluster = SimulatedCluster.of();
    private Instant start = Instant.EPOCH;

    @BeforeEach
    void beginPretraining() {
        cluster = SimulatedCluster.of("detection: {trials: 3}", "timeouts: {stalledMinutes: 0}")
                .until("pretrain");
        start = cluster.shared.now;
    }

    @Test
    void aJobWithoutAPodIsStarting() {
        assertStage("Pending: is starting");
        Pods.add(cluster.shared, job(), -1);
        assertStage("Pending: is starting");
        assertThat(cluster.stage("pretrain").pod())
                .as("a pending pod is not named")
                .isNull();
    }

    @Test
    void theReasonOfAnUnschedulablePodIsTheSchedulersMessage() {
        Pod pod = Pods.add(cluster.shared, job(), -1);
        Pods.unschedulable(
                pod,
                "0/1 nodes are available: 1 Insufficient nvidia.com/gpu. no new claims to deallocate, preemption: 0/1"
                        + " nodes are available: 1 No preemption victims found for incoming pod.");
        assertStage("Pending: 0/1 nodes are available: 1 Insufficient nvidia.com/gpu.");
        assertThat(cluster.settle().status().summary().reason())
                .isEqualTo("pretrain: 0/1 nodes are available: 1 Insufficient nvidia.com/gpu.");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            nullValues = "null",
            value = {
                "ContainerCreating          | null             | Pending: is starting",
                "PodInitializing            | null             | Pending: is starting",
                "ImagePullBackOff           | no such image    | Pending: ImagePullBackOff: no such image",
                "ErrImagePull               | not found        | Pending: ErrImagePull: not found",
                "CreateContainerConfigError | secret s3 absent | Pending: CreateContainerConfigError: secret s3 absent"
            })
    void theReasonOfAWaitingContainerIsTheKubelets(String reason, String message, String stage) {
        Pods.waiting(Pods.add(cluster.shared, job(), -1), reason, message);
        assertStage(stage);
    }

    @Test
    void aRunningPodIsReportedWithItsStartTime() {
        cluster.later(Duration.ofSeconds(30));
        Pod pod = running();
        assertStage("Running: runs");
        assertThat(cluster.stage("pretrain"))
                .extracting(StageStatus::pod, StageStatus::startTime)
                .containsExactly(
                        pod.getMetadata().getName(), start.plusSeconds(30).toString());
    }

    @Test
    void aSucceededPodIsNotCountedAsLost() {
        Pods.end(running(), 0, "", cluster.shared.now);
        assertStage("Running: runs");
    }

    @Test
    void aSuspendedJobWaitsInItsQueueOrWasSuspendedByHand() {
        replace(new JobBuilder(job()).editSpec().withSuspend(true).endSpec().build());
        assertStage("Pending: its Job is suspended, by hand or by a queue");
        replace(new JobBuilder(job())
                .editMetadata()
                .addToLabels("kueue.x-k8s.io/queue-name", "research")
                .endMetadata()
                .build());
        assertStage("Pending: waits in the queue research");
    }

    @Test
    void aFailedPodIsReplacedAndCounted() {
        Pod pod = running();
        cluster.settle();
        Pods.end(pod, 1, Pods.message(1, "s3://experiments: reset by peer"), cluster.shared.now);
        Pods.failures(job(), 1);
        assertStage("Pending: runs again after: s3://experiments: reset by peer");
        assertCounts(1, 0);
        Pod next = running();
        assertStage("Running: runs");
        assertCounts(1, 0);
        assertThat(cluster.stage("pretrain").pod()).isEqualTo(next.getMetadata().getName());
        assertThat(cluster.stage("pretrain").startTime()).as("of the first pod").isEqualTo(start.toString());
    }

    @ParameterizedTest(name = "gone with exit code {0}, still there: {1}")
    @CsvSource({"75, true", "75, false", "143, true", "137, false"})
    void aLostPodDoesNotCountAsARetry(int exitCode, boolean stays) {
        Pod pod = running();
        cluster.settle();
        Pods.end(pod, exitCode, "", cluster.shared.now);
        cluster.settle();
        if (!stays) {
            cluster.shared.pods.remove(pod);
            cluster.settle();
        }
        assertCounts(0, 0);
        Pods.add(cluster.shared, job(), -1);
        cluster.settle();
        assertCounts(0, 1);
        Pods.run(cluster.shared.pods.get(cluster.shared.pods.size() - 1), cluster.shared.now);
        cluster.settle();
        cluster.settle();
        assertCounts(0, 1);
    }

    @Test
    void aRestartedOperatorCountsEvictedPods() {
        for (int i = 0; i < 3; i++) {
            Pod pod = running();
            Pods.end(pod, 137, "", cluster.shared.now);
            Pods.disrupted(pod);
        }
        running();
        cluster.settle();
        assertCounts(0, 3);
    }

    @ParameterizedTest(name = "exit code {0}, {1}")
    @CsvSource(
            delimiter = '|',
            nullValues = "null",
            value = {
                "78  | {\"digest\":null,\"exitCode\":78,\"message\":\"no such bucket\"} | no such bucket",
                "1   | '' | ended with exit code 1 without a termination message",
                "137 | '' | ended with exit code 137 without a termination message: killed, perhaps for lack of memory",
                "1   | Exception in thread main | ended with exit code 1, its termination message: Exception in thread main"
            })
    void theReasonOfAFailedJobIsTheTerminationMessageOfItsLastPod(int exitCode, String message, String reason) {
        Pods.end(running(), exitCode, message, cluster.shared.now);
        Pods.failures(job(), 1);
        Pods.fail(job(), "failed with exit code matching FailJob rule at index 2", cluster.shared.now);
        assertStage("Failed: " + reason);
        assertCounts(1, 0);
    }

    @Test
    void anOomKilledPodNamesTheFieldToChange() {
        Pod pod = running();
        Pods.end(pod, 137, "", cluster.shared.now);
        pod.getStatus().getContainerStatuses().get(0).getState().getTerminated().setReason("OOMKilled");
        Pods.fail(job(), "too often", cluster.shared.now);
        assertStage(
                "Failed: ended with exit code 137 without a termination message: out of memory (OOMKilled); give it more with"
                        + " spec.resources.pretrain.memory");
    }

    @Test
    void theReasonOfAFailedJobWithoutPodsIsThatOfItsCondition() {
        Pods.fail(job(), "Job has reached the specified backoff limit", cluster.shared.now);
        assertStage("Failed: Job has reached the specified backoff limit");
    }

    @Test
    void aCompleteJobWithoutACommitHasFailed() {
        Pods.complete(job(), cluster.shared.now);
        assertStage("Failed: it ended without a commit");
    }

    @Test
    void aCommittedStageHasSucceededEvenIfItsJobFailed() {
        cluster.commit("pretrain");
        Pods.fail(job(), "killed while it was ending", cluster.shared.now);
        assertStage("Succeeded: committed");
    }

    @Test
    void aDeletedJobIsStoppingUntilItsPodsHaveEnded() {
        job().getMetadata().setDeletionTimestamp(cluster.shared.now.toString());
        assertStage("Stopping: its Job is being deleted; the pod saves a checkpoint first");
        cluster.shared.jobs.values().removeIf(job -> job.getMetadata().getDeletionTimestamp() != null);
        assertStage("Pending: is starting");
    }

    @Test
    void aJobOfAnotherProgramOnlyTakesTheName() {
        Job job = job();
        replace(new JobBuilder(job)
                .editMetadata()
                .withAnnotations(Map.of())
                .endMetadata()
                .build());
        assertStage("Pending: is starting");
        assertThat(cluster.job("pretrain").getMetadata().getName())
                .isEqualTo(job.getMetadata().getName() + "-2");
    }

    @Test
    void trialsEndIndependently() {
        cluster = SimulatedCluster.of(
                        "detection: {trials: 4}", "linear: {enabled: false}", "timeouts: {stalledMinutes: 0}")
                .until("detect-0");
        Job job = cluster.job("detect-0");
        cluster.commit("detect-0");
        Pods.indexes(job, "0", "1");
        Pods.end(trial(job, 1), 65, Pods.message(65, "not a VOC image"), cluster.shared.now);
        Pods.run(trial(job, 2), cluster.shared.now);
        Pods.unschedulable(trial(job, 3), "Insufficient nvidia.com/gpu");
        cluster.settle();
        assertThat(cluster.state("detect-0")).isEqualTo("Succeeded: committed");
        assertThat(cluster.state("detect-1")).isEqualTo("Failed: not a VOC image");
        assertThat(cluster.state("detect-2")).isEqualTo("Running: runs");
        assertThat(cluster.state("detect-3")).isEqualTo("Pending: Insufficient nvidia.com/gpu");
        assertThat(cluster.stage("detect-1").userFailures()).isEqualTo(1);
        assertThat(cluster.live("detect-2")).as("the other trials keep running").isPresent();

        cluster.commit("detect-2", "detect-3");
        Pods.indexes(job, "0,2-3", "1");
        Pods.fail(job, "Job has failed indexes", cluster.shared.now);
        cluster.settle();
        assertThat(cluster.state("detect-3")).isEqualTo("Succeeded: committed");
        assertThat(cluster.condition("Succeeded")).isEqualTo("False StageFailed");
        assertThat(cluster.live("detect-1")).isEmpty();
    }

    @Test
    void theJobControllerCountsTheFailuresOfATrial() {
        cluster = SimulatedCluster.of("detection: {trials: 2}", "linear: {enabled: false}")
                .until("detect-0");
        Pod pod = trial(cluster.job("detect-0"), 1);
        pod.getMetadata().getAnnotations().put("batch.kubernetes.io/job-index-failure-count", "2");
        pod.getMetadata().getAnnotations().put("batch.kubernetes.io/job-index-ignored-failure-count", "5");
        Pods.run(pod, cluster.shared.now);
        cluster.settle();
        assertThat(cluster.stage("detect-1").userFailures()).isEqualTo(2);
        assertThat(cluster.stage("detect-1").infraFailures()).isEqualTo(5);
        assertThat(cluster.stage("detect-0").infraFailures()).isZero();
    }

    @Test
    void aTaskOnSeveralNodesRunsOnAllOfThemAndIsShownByTheFirst() {
        cluster = SimulatedCluster.of("resources: {pretrain: {nodes: 2}}", "timeouts: {stalledMinutes: 0}")
                .until("pretrain");
        Pod first = Pods.add(cluster.shared, job(), 0);
        Pods.run(first, cluster.shared.now);
        Pod second = Pods.add(cluster.shared, job(), 1);
        Pods.unschedulable(second, "Insufficient nvidia.com/gpu");
        assertStage("Pending: Insufficient nvidia.com/gpu");
        Pods.run(second, cluster.shared.now);
        assertStage("Running: runs");
        assertThat(cluster.stage("pretrain").pod())
                .isEqualTo(first.getMetadata().getName());

        // The second fails, and the first ends without a retry of its own.
        Pods.end(second, 1, Pods.message(1, "node 1 of 2: device 0 of 4 was killed"), cluster.shared.now);
        Pods.end(first, 75, Pods.message(75, "node 0 of 2: lost process 4"), cluster.shared.now);
        Pods.failures(job(), 1);
        Pods.run(Pods.add(cluster.shared, job(), 1), cluster.shared.now);
        Pod third = Pods.add(cluster.shared, job(), 0);
        Pods.run(third, cluster.shared.now);
        assertStage("Running: runs");
        assertCounts(1, 1);

        Pods.end(third, 75, Pods.message(75, "node 0 of 2: lost process 4"), cluster.shared.now);
        Pods.fail(job(), "Job has reached the specified backoff limit", cluster.shared.now);
        assertStage("Failed: node 1 of 2: device 0 of 4 was killed");
    }

    @Test
    void aTaskOnSeveralNodesFailsWhereOneOfThemIsNotFoundInTime() {
        cluster = SimulatedCluster.of(
                        "resources: {pretrain: {nodes: 2}}", "timeouts: {pendingMinutes: 30, stalledMinutes: 0}")
                .until("pretrain");
        Pods.unschedulable(Pods.add(cluster.shared, job(), 1), "Insufficient nvidia.com/gpu");
        // The first waits ten minutes for the second, ends without a retry, and its successor waits again.
        for (int i = 0; i < 3; i++) {
            Pod first = Pods.add(cluster.shared, job(), 0);
            Pods.run(first, cluster.shared.now);
            assertStage("Pending: Insufficient nvidia.com/gpu");
            cluster.later(Duration.ofMinutes(10).plusSeconds(1));
            Pods.end(first, 75, Pods.message(75, "node 0 of 2: waited 600 s"), cluster.shared.now);
        }
        assertStage("Failed: not all pods of it ran within timeouts.pendingMinutes, 30: Insufficient nvidia.com/gpu");
    }

    @ParameterizedTest(name = "{0} has {1}: {2}")
    @CsvSource(
            delimiter = '|',
            nullValues = "null",
            value = {
                "null    | 0 | false",
                "''      | 0 | false",
                "0       | 0 | true",
                "1,3-5,7 | 0 | false",
                "1,3-5,7 | 1 | true",
                "1,3-5,7 | 2 | false",
                "1,3-5,7 | 4 | true",
                "1,3-5,7 | 5 | true",
                "1,3-5,7 | 7 | true",
                "10-12   | 1 | false"
            })
    void indexesAreListedInRanges(String listed, int index, boolean contained) {
        assertThat(JobIndexes.contain(listed, index)).isEqualTo(contained);
    }

    private Job job() {
        return cluster.shared.jobs.values().stream()
                .filter(job -> JobLabels.keys(job).containsKey("pretrain"))
                .findFirst()
                .orElseThrow();
    }

    private void replace(Job job) {
        cluster.shared.jobs.put("lab/" + job.getMetadata().getName(), job);
    }

    private Pod running() {
        Pod pod = Pods.add(cluster.shared, job(), -1);
        Pods.run(pod, cluster.shared.now);
        return pod;
    }

    private Pod trial(Job job, int index) {
        return Pods.add(cluster.shared, job, index);
    }

    private void assertStage(String state) {
        cluster.settle();
        assertThat(cluster.state("pretrain")).isEqualTo(state);
        int writes = cluster.statusWrites;
        cluster.settle();
        assertThat(cluster.statusWrites)
                .as("a second reconcile of the same input")
                .isEqualTo(writes);
    }

    private void assertCounts(int user, int infra) {
        cluster.settle();
        assertThat(cluster.stage("pretrain"))
                .extracting(StageStatus::userFailures, StageStatus::infraFailures)
                .containsExactly(user, infra);
    }
}
