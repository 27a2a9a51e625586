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

/** What Jobs and pods show, as the stages of the status tell it. */
class JobObservationTest {
    private World world = World.of();
    private Instant start = Instant.EPOCH;

    @BeforeEach
    void beginPretraining() {
        world = World.of("detection: {trials: 3}", "timeouts: {stalledMinutes: 0}")
                .until("pretrain");
        start = world.shared.now;
    }

    @Test
    void aJobWithoutAPodIsStarting() {
        assertStage("Pending: is starting");
        Pods.add(world.shared, job(), -1);
        assertStage("Pending: is starting");
        assertThat(world.stage("pretrain").pod()).as("named once it runs").isNull();
    }

    @Test
    void theSchedulerSaysWhyAPodHasNoNode() {
        Pod pod = Pods.add(world.shared, job(), -1);
        Pods.unschedulable(
                pod,
                "0/1 nodes are available: 1 Insufficient nvidia.com/gpu. no new claims to deallocate, preemption: 0/1"
                        + " nodes are available: 1 No preemption victims found for incoming pod.");
        assertStage("Pending: 0/1 nodes are available: 1 Insufficient nvidia.com/gpu.");
        assertThat(world.settle().status().summary().reason())
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
    void theKubeletSaysWhyAContainerDoesNotStart(String reason, String message, String stage) {
        Pods.waiting(Pods.add(world.shared, job(), -1), reason, message);
        assertStage(stage);
    }

    @Test
    void aRunningPodIsNamedWithItsStart() {
        world.later(Duration.ofSeconds(30));
        Pod pod = running();
        assertStage("Running: runs");
        assertThat(world.stage("pretrain"))
                .extracting(StageStatus::pod, StageStatus::startTime)
                .containsExactly(
                        pod.getMetadata().getName(), start.plusSeconds(30).toString());
    }

    @Test
    void aPodThatHasDoneItsWorkIsNotLost() {
        Pods.end(running(), 0, "", world.shared.now);
        assertStage("Running: runs");
    }

    @Test
    void aJobHeldBackIsInItsQueueOrSuspended() {
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
    void aFailedPodIsTriedAgainAndCounted() {
        Pod pod = running();
        world.settle();
        Pods.end(pod, 1, Pods.words(1, "s3://experiments: reset by peer"), world.shared.now);
        Pods.failures(job(), 1);
        assertStage("Pending: runs again after: s3://experiments: reset by peer");
        assertCounts(1, 0);
        Pod next = running();
        assertStage("Running: runs");
        assertCounts(1, 0);
        assertThat(world.stage("pretrain").pod()).isEqualTo(next.getMetadata().getName());
        assertThat(world.stage("pretrain").startTime()).as("of the first pod").isEqualTo(start.toString());
    }

    @ParameterizedTest(name = "gone with exit code {0}, still there: {1}")
    @CsvSource({"75, true", "75, false", "143, true", "137, false"})
    void aLostPodCostsNoRetry(int exitCode, boolean stays) {
        Pod pod = running();
        world.settle();
        Pods.end(pod, exitCode, "", world.shared.now);
        world.settle();
        if (!stays) {
            world.shared.pods.remove(pod);
            world.settle();
        }
        assertCounts(0, 0);
        Pods.add(world.shared, job(), -1);
        world.settle();
        assertCounts(0, 1);
        Pods.run(world.shared.pods.get(world.shared.pods.size() - 1), world.shared.now);
        world.settle();
        world.settle();
        assertCounts(0, 1);
    }

    @Test
    void evictedPodsAreCountedWhoeverLooksAndWhenever() {
        for (int i = 0; i < 3; i++) {
            Pod pod = running();
            Pods.end(pod, 137, "", world.shared.now);
            Pods.disrupted(pod);
        }
        running();
        world.settle();
        assertCounts(0, 3);
    }

    @ParameterizedTest(name = "exit code {0}, {1}")
    @CsvSource(
            delimiter = '|',
            nullValues = "null",
            value = {
                "78  | {\"digest\":null,\"exitCode\":78,\"message\":\"no such bucket\"} | no such bucket",
                "1   | '' | ended with exit code 1 and without a word",
                "137 | '' | ended with exit code 137 and without a word: it was killed, perhaps for memory",
                "1   | Exception in thread main | ended with exit code 1, its last words: Exception in thread main"
            })
    void aFailedJobSaysWhatItsLastPodSaid(int exitCode, String words, String reason) {
        Pods.end(running(), exitCode, words, world.shared.now);
        Pods.failures(job(), 1);
        Pods.fail(job(), "failed with exit code matching FailJob rule at index 2", world.shared.now);
        assertStage("Failed: " + reason);
        assertCounts(1, 0);
    }

    @Test
    void aPodWithoutMemorySaysWhatToChange() {
        Pod pod = running();
        Pods.end(pod, 137, "", world.shared.now);
        pod.getStatus().getContainerStatuses().get(0).getState().getTerminated().setReason("OOMKilled");
        Pods.fail(job(), "too often", world.shared.now);
        assertStage("Failed: ended with exit code 137 and without a word: it had no more memory; give it more with"
                + " spec.resources.pretrain.memory");
    }

    @Test
    void aFailedJobWithoutPodsSaysItsOwnReason() {
        Pods.fail(job(), "Job has reached the specified backoff limit", world.shared.now);
        assertStage("Failed: Job has reached the specified backoff limit");
    }

    @Test
    void aCompleteJobWithoutACommitHasFailed() {
        Pods.complete(job(), world.shared.now);
        assertStage("Failed: it ended without a commit");
    }

    @Test
    void aCommitCountsMoreThanAFailedJob() {
        world.commit("pretrain");
        Pods.fail(job(), "killed while it was ending", world.shared.now);
        assertStage("Succeeded: committed");
    }

    @Test
    void aDeletedJobIsAwaited() {
        job().getMetadata().setDeletionTimestamp(world.shared.now.toString());
        assertStage("Stopping: its Job is being deleted; the pod saves a checkpoint first");
        world.shared.jobs.values().removeIf(job -> job.getMetadata().getDeletionTimestamp() != null);
        assertStage("Pending: is starting");
    }

    @Test
    void aJobOfThatNameThatIsNoneOfOursIsAFailureWithAdvice() {
        Job job = job();
        replace(new JobBuilder(job)
                .editMetadata()
                .withAnnotations(Map.of())
                .endMetadata()
                .build());
        assertStage("Failed: Job " + job.getMetadata().getName() + " exists and does not make key "
                + world.planned("pretrain").key().orElseThrow().substring(0, 12)
                + "; with another spec.retryToken it has another name");
    }

    @Test
    void eachTrialHasItsOwnEnd() {
        world = World.of("detection: {trials: 4}", "linear: {enabled: false}", "timeouts: {stalledMinutes: 0}")
                .until("detect-0");
        Job job = world.job("detect-0");
        world.commit("detect-0");
        Pods.indexes(job, "0", "1");
        Pods.end(trial(job, 1), 65, Pods.words(65, "not a VOC image"), world.shared.now);
        Pods.run(trial(job, 2), world.shared.now);
        Pods.unschedulable(trial(job, 3), "Insufficient nvidia.com/gpu");
        world.settle();
        assertThat(world.state("detect-0")).isEqualTo("Succeeded: committed");
        assertThat(world.state("detect-1")).isEqualTo("Failed: not a VOC image");
        assertThat(world.state("detect-2")).isEqualTo("Running: runs");
        assertThat(world.state("detect-3")).isEqualTo("Pending: Insufficient nvidia.com/gpu");
        assertThat(world.stage("detect-1").userFailures()).isEqualTo(1);
        assertThat(world.live("detect-2")).as("the others go on").isPresent();

        world.commit("detect-2", "detect-3");
        Pods.indexes(job, "0,2-3", "1");
        Pods.fail(job, "Job has failed indexes", world.shared.now);
        world.settle();
        assertThat(world.state("detect-3")).isEqualTo("Succeeded: committed");
        assertThat(world.condition("Succeeded")).isEqualTo("False StageFailed");
        assertThat(world.live("detect-1")).isEmpty();
    }

    @Test
    void theJobControllerCountsTheFailuresOfATrial() {
        world = World.of("detection: {trials: 2}", "linear: {enabled: false}").until("detect-0");
        Pod pod = trial(world.job("detect-0"), 1);
        pod.getMetadata().getAnnotations().put("batch.kubernetes.io/job-index-failure-count", "2");
        pod.getMetadata().getAnnotations().put("batch.kubernetes.io/job-index-ignored-failure-count", "5");
        Pods.run(pod, world.shared.now);
        world.settle();
        assertThat(world.stage("detect-1").userFailures()).isEqualTo(2);
        assertThat(world.stage("detect-1").infraFailures()).isEqualTo(5);
        assertThat(world.stage("detect-0").infraFailures()).isZero();
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
        return world.shared.jobs.values().stream()
                .filter(job -> JobLabels.keys(job).containsKey("pretrain"))
                .findFirst()
                .orElseThrow();
    }

    private void replace(Job job) {
        world.shared.jobs.put("lab/" + job.getMetadata().getName(), job);
    }

    private Pod running() {
        Pod pod = Pods.add(world.shared, job(), -1);
        Pods.run(pod, world.shared.now);
        return pod;
    }

    private Pod trial(Job job, int index) {
        return Pods.add(world.shared, job, index);
    }

    private void assertStage(String state) {
        world.settle();
        assertThat(world.state("pretrain")).isEqualTo(state);
        int writes = world.statusWrites;
        world.settle();
        assertThat(world.statusWrites).as("a second look at the same").isEqualTo(writes);
    }

    private void assertCounts(int user, int infra) {
        world.settle();
        assertThat(world.stage("pretrain"))
                .extracting(StageStatus::userFailures, StageStatus::infraFailures)
                .containsExactly(user, infra);
    }
}
