package dev.moco.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.jobs.JobLabels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An operator that was restarted, replaced by another version, or cut off from its store. */
class RestartTest {
    private static final String TRIALS = "detection: {trials: 3}";
    private static final Duration LIMIT = Duration.ofMinutes(20).plusSeconds(1);

    private final SimulatedCluster cluster = SimulatedCluster.of(TRIALS).until("pretrain");

    @Test
    void noPodIsEvictedBeforeItsProgressWasReadForTheLimit() {
        run();
        cluster.later(Duration.ofHours(3));
        cluster.restart();
        cluster.answer(cluster.reconcile());
        assertThat(cluster.settle().terminations()).as("nothing was read").isEmpty();
        cluster.readProgress();
        assertThat(cluster.settle().terminations()).as("after the first read").isEmpty();
        cluster.later(LIMIT.minusSeconds(1));
        assertThat(cluster.settle().requeueAfter()).contains(Duration.ofSeconds(1));
        cluster.later(Duration.ofSeconds(1));
        assertThat(cluster.reconcile().terminations())
                .as("a stage that never reported")
                .hasSize(1);
    }

    @Test
    void noPodIsEvictedAfterItHasReported() {
        run();
        String key = key();
        cluster.later(Duration.ofHours(3));
        cluster.restart();
        cluster.readProgress();
        cluster.progress.put(key, ReconcilePlanTest.progress(500, cluster.shared.now));
        cluster.answer(cluster.reconcile());
        assertThat(cluster.settle().terminations()).isEmpty();
    }

    @Test
    void noPodIsEvictedWhileTheStoreHasAProblemNorAtOnceAfterIt() {
        run();
        cluster.settle();
        cluster.problem = Optional.of("timeout");
        cluster.later(LIMIT);
        assertThat(cluster.reconcile().terminations()).isEmpty();
        cluster.problem = Optional.empty();
        cluster.readProgress();
        assertThat(cluster.settle().terminations())
                .as("the stage could not report either")
                .isEmpty();
        cluster.later(LIMIT);
        assertThat(cluster.reconcile().terminations()).hasSize(1);
    }

    @Test
    void nothingIsSuspendedWhileItsJobRunsThoughTheStoreIsDown() {
        cluster.settle();
        assertThat(cluster.state("pretrain")).isEqualTo("Pending: is starting");
        run();
        cluster.restart();
        cluster.problem = Optional.of("timeout");
        cluster.edit(TRIALS, "suspend: true");
        cluster.reconcile();
        assertThat(cluster.condition("Suspended")).isEqualTo("False Stopping");
        cluster.shared.jobs.clear();
        cluster.shared.pods.clear();
        cluster.reconcile();
        assertThat(cluster.condition("Suspended")).isEqualTo("True SpecSuspend");
    }

    @ParameterizedTest(name = "retention.jobsTtlSeconds {0}")
    @ValueSource(ints = {0, 86400})
    void aFailedJobIsNotRemovedBeforeItsFailureIsRecorded(int seconds) {
        cluster.edit("detection: {enabled: false}", "retention: {jobsTtlSeconds: " + seconds + "}");
        ReconcilePlanTest.fail(cluster, "pretrain", 78, "the loss is NaN");
        cluster.later(Duration.ofDays(2));
        removeExpired();
        cluster.restart();
        cluster.settle();
        assertThat(cluster.state("pretrain")).isEqualTo("Failed: the loss is NaN");
        assertThat(cluster.condition("Succeeded")).isEqualTo("False StageFailed");
        removeExpired();
        assertThat(cluster.shared.jobs.values())
                .as("removed once the failure is recorded")
                .noneMatch(job -> JobLabels.keys(job).containsKey("pretrain"));
        cluster.restart();
        assertThat(cluster.settle().creates()).isEmpty();
    }

    @Test
    void aTtlThatWasNotSetBeforeACrashIsSetLater() {
        ReconcilePlanTest.fail(cluster, "pretrain", 78, "the loss is NaN");
        ReconcilePlan plan = cluster.reconcile();
        for (int i = 0; i < 10 && !cluster.condition("Succeeded").equals("False StageFailed"); i++) {
            cluster.answer(plan);
            plan = ReconcilePlan.of(cluster.input());
            cluster.write(plan);
        }
        cluster.restart();
        assertThat(cluster.reconcile().patches()).isNotEmpty();
        assertThat(cluster.shared.jobs.values())
                .allSatisfy(job ->
                        assertThat(job.getSpec().getTtlSecondsAfterFinished()).isEqualTo(86400));
        assertThat(cluster.reconcile().patches()).isEmpty();
    }

    @Test
    void aRunningJobKeepsTheKeyItWasStartedWith() {
        String computed = key();
        String kept = "f".repeat(64);
        madeWith(kept);
        cluster.restart();
        cluster.settle();
        assertThat(cluster.state("pretrain")).isEqualTo("Pending: is starting");
        assertThat(key()).isEqualTo(kept).isNotEqualTo(computed);
        assertThat(cluster.shared.everCreated.stream().filter(name -> name.contains("pretrain")))
                .hasSize(1);
        cluster.commit("pretrain");
        Pods.complete(cluster.job("pretrain"), cluster.shared.now);
        cluster.settle();
        assertThat(cluster.state("pretrain")).isEqualTo("Succeeded: committed");
        assertThat(cluster.live("linear")).isPresent();
        cluster.restart();
        cluster.settle();
        assertThat(cluster.state("pretrain"))
                .as("while the experiment runs, its ended Jobs stay")
                .isEqualTo("Succeeded: committed");
    }

    @Test
    void aFailedJobOfAnOldKeyIsFollowedByOneOfTheNewKeyOnRetry() {
        String computed = key();
        madeWith("f".repeat(64));
        ReconcilePlanTest.fail(cluster, "pretrain", 65, "no images");
        cluster.edit(TRIALS, "retryToken: again");
        cluster.settle();
        assertThat(JobLabels.keys(cluster.job("pretrain"))).containsEntry("pretrain", computed);
    }

    @ParameterizedTest(name = "{0} of retries {1}, checkpoint {2}: {3}")
    @CsvSource(
            delimiter = '|',
            value = {
                "1  | 3 | 400 | Pending: is starting",
                "1  | 3 | 0   | Failed: reset by peer",
                "1  | 0 | 400 | Failed: reset by peer",
                "65 | 3 | 400 | Failed: reset by peer",
                "78 | 3 | 400 | Failed: reset by peer"
            })
    void faultsAreCountedSinceTheLastCheckpoint(int exitCode, int retries, long checkpoint, String state) {
        cluster.edit(TRIALS, "failurePolicy: {retries: " + retries + "}");
        String name = cluster.job("pretrain").getMetadata().getName();
        report(checkpoint);
        ReconcilePlanTest.fail(cluster, "pretrain", exitCode, "reset by peer");
        cluster.settle();
        assertThat(cluster.state("pretrain")).isEqualTo(state);
        if (state.startsWith("Failed")) {
            return;
        }
        Job next = cluster.job("pretrain");
        assertThat(next.getMetadata().getName()).isEqualTo(name + "-2");
        assertThat(cluster.stage("pretrain").userFailures()).isEqualTo(1);
        ReconcilePlanTest.fail(cluster, "pretrain", exitCode, "reset by peer");
        cluster.settle();
        assertThat(cluster.state("pretrain")).as("no new checkpoint since").isEqualTo("Failed: reset by peer");
        assertThat(cluster.stage("pretrain").userFailures()).isEqualTo(2);
    }

    @Test
    void aJobThatUsedUpItsRetriesIsJudgedOnceItsProgressIsRead() {
        report(400);
        ReconcilePlanTest.fail(cluster, "pretrain", 1, "reset by peer");
        cluster.restart();
        cluster.settle();
        assertThat(cluster.state("pretrain")).isEqualTo("Running: has failed; waits for a read of its last checkpoint");
        cluster.readProgress();
        report(400);
        cluster.settle();
        assertThat(cluster.state("pretrain")).isEqualTo("Pending: is starting");
    }

    @Test
    void aTrialThatFailedContinuesFromItsCheckpoint() {
        SimulatedCluster trials =
                SimulatedCluster.of(TRIALS, "linear: {enabled: false}").until("detect-0");
        Job job = trials.job("detect-0");
        trials.progress.put(
                trials.planned("detect-1").key().orElseThrow(), ReconcilePlanTest.progress(500, trials.shared.now));
        trials.commit("detect-0");
        Pods.indexes(job, "0", "1,2");
        Pods.fail(job, "has failed indexes", trials.shared.now);
        trials.settle();
        assertThat(trials.state("detect-1")).isEqualTo("Pending: is starting");
        assertThat(trials.state("detect-2")).isEqualTo("Failed: has failed indexes");
        assertThat(JobLabels.keys(trials.job("detect-1"))).containsOnlyKeys("detect-1");
        assertThat(JobLabels.annotation(trials.job("detect-1"), JobLabels.CHECKPOINTS))
                .contains("400");
    }

    private void report(long checkpoint) {
        if (checkpoint > 0) {
            cluster.progress.put(key(), ReconcilePlanTest.progress(500, cluster.shared.now));
        }
    }

    private String key() {
        return cluster.planned("pretrain").key().orElseThrow();
    }

    private void run() {
        Pod pod = Pods.add(cluster.shared, cluster.job("pretrain"), -1);
        Pods.run(pod, cluster.shared.now);
    }

    /** The running Job as another version of the operator would have made it. */
    private void madeWith(String key) {
        Job job = cluster.job("pretrain");
        cluster.shared.jobs.values().remove(job);
        cluster.shared.jobs.put(
                "lab/pretrain-" + key.substring(0, 12),
                new JobBuilder(job)
                        .editMetadata()
                        .withName("pretrain-" + key.substring(0, 12))
                        .withAnnotations(Map.of(
                                JobLabels.KEYS,
                                "{\"pretrain\":\"" + key + "\"}",
                                JobLabels.STORE,
                                job.getMetadata().getAnnotations().get(JobLabels.STORE)))
                        .endMetadata()
                        .build());
    }

    /** Removes expired Jobs, as the TTL controller does. */
    private void removeExpired() {
        cluster.shared.jobs.values().removeIf(job -> {
            Integer seconds = job.getSpec().getTtlSecondsAfterFinished();
            return JobLabels.ended(job)
                    && seconds != null
                    && job.getStatus().getCompletionTime() != null
                    && !cluster.shared.now.isBefore(
                            Instant.parse(job.getStatus().getCompletionTime()).plusSeconds(seconds));
        });
    }
}
