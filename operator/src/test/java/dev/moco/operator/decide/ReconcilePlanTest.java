package dev.moco.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Progress;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.Owner;
import dev.moco.operator.jobs.StoreRules;
import dev.moco.operator.observe.ManifestQuery;
import dev.moco.operator.observe.ReconcileInput;
import dev.moco.operator.observe.StoreSnapshot;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans of experiments from the first reconcile to the last. */
class ReconcilePlanTest {
    private static final String TRIALS = "detection: {trials: 3}";

    @Test
    void nothingStartsBeforeTheRawDataIsListedAndTheStoreQueried() {
        SimulatedCluster cluster = SimulatedCluster.of();
        ReconcilePlan first = cluster.reconcile();
        assertThat(first.creates()).isEmpty();
        assertThat(first.unlisted()).containsExactly("prepare-imagenet", "prepare-voc");
        cluster.answer(first);
        ReconcilePlan second = cluster.reconcile();
        assertThat(second.creates()).isEmpty();
        assertThat(second.queries()).extracting(query -> query.stage().id()).containsExactly("prepare", "prepare");
        assertThat(second.queries()).extracting(ManifestQuery::version).containsOnly("");
        cluster.answer(second);
        assertThat(names(cluster.reconcile().creates()))
                .containsExactly("prepare-imagenet-ced576024f53", "prepare-voc-bb94b5cec470");
        assertThat(cluster.state("prepare-voc")).isEqualTo("Pending: is starting");
        assertThat(cluster.stage("prepare-voc").job()).isEqualTo("prepare-voc-bb94b5cec470");
    }

    @Test
    void eachStageHasOneJobAndTheTrialsShareOne() {
        SimulatedCluster cluster =
                SimulatedCluster.of(TRIALS, "linear: {baseline: true}").until("detect-0");
        assertThat(cluster.shared.everCreated.stream().map(ReconcilePlanTest::task))
                .containsExactly(
                        "lab/prepare-imagenet",
                        "lab/prepare-voc",
                        "lab/pretrain",
                        "lab/linear-baseline",
                        "lab/linear",
                        "lab/detect");
        assertThat(JobLabels.keys(cluster.job("detect-0"))).containsOnlyKeys("detect-0", "detect-1", "detect-2");
    }

    @Test
    void anEndedExperimentIsReadyAndHasNoFurtherActions() {
        SimulatedCluster cluster = succeeded();
        assertThat(cluster.condition("Ready")).isEqualTo("True Succeeded");
        assertThat(cluster.state("pretrain")).isEqualTo("Succeeded: committed");
        int writes = cluster.statusWrites;
        cluster.shared.jobs.clear(); // deleted by their TTL
        cluster.restart();
        ReconcilePlan plan = cluster.settle();
        assertThat(plan.decision()).isEmpty();
        assertThat(plan.queries()).isEmpty();
        assertThat(plan.unlisted()).isEmpty();
        assertThat(cluster.statusWrites).isEqualTo(writes);
        cluster.edit(TRIALS, "retryToken: again");
        cluster.settle();
        assertThat(cluster.statusWrites).isEqualTo(writes);
    }

    @Test
    void anotherGenerationOfAnEndedExperimentIsOnlyObserved() {
        SimulatedCluster cluster = succeeded();
        Owner owner = cluster.owner;
        ReconcileInput before = cluster.input();
        ReconcileInput input = new ReconcileInput(
                new Owner(owner.namespace(), owner.name(), owner.uid(), 7),
                before.experiment(),
                before.policy(),
                before.config(),
                before.jobs(),
                StoreSnapshot.EMPTY,
                before.previous(),
                before.now());
        assertThat(ReconcilePlan.of(input).status().observedGeneration()).isEqualTo(7);
        assertThat(ReconcilePlan.of(input).status().stages())
                .isEqualTo(ReconcilePlan.of(before).status().stages());
    }

    @Test
    void aCommittedStageNeedsNoJobAndNoGpu() {
        SimulatedCluster first = succeeded();
        SimulatedCluster again = first.beside("lab", "again", TRIALS);
        again.settle();
        assertThat(first.shared.everCreated).noneMatch(job -> job.contains("again"));
        assertThat(again.condition("Ready")).isEqualTo("True Succeeded");
        assertThat(again.state("detect-2")).isEqualTo("Succeeded: committed earlier");
        assertThat(first.shared.jobs.values())
                .allSatisfy(job -> assertThat(JobLabels.isOwnedBy(job, "uid-x")).isTrue());
    }

    @ParameterizedTest(name = "in namespace {0}")
    @ValueSource(strings = {"lab", "other"})
    void twoExperimentsThatNeedTheSameStageRunItOnce(String namespace) {
        SimulatedCluster first = SimulatedCluster.of(TRIALS).until("pretrain");
        SimulatedCluster second = first.beside(namespace, "second", TRIALS);
        second.settle();
        assertThat(second.state("pretrain"))
                .isEqualTo(
                        namespace.equals("lab")
                                ? "Pending: runs as Job "
                                        + first.stage("pretrain").job() + " of experiment x"
                                : "Pending: runs as Job lab/"
                                        + first.stage("pretrain").job());
        Job job = first.job("pretrain");
        first.commit("pretrain");
        Pods.complete(job, first.shared.now);
        second.settle();
        assertThat(second.stage("pretrain").state()).isEqualTo("Succeeded");
        assertThat(first.shared.everCreated.stream().filter(name -> name.contains("pretrain")))
                .hasSize(1);
    }

    @Test
    void trialsWaitForATrialThatAnotherJobRuns() {
        SimulatedCluster first = SimulatedCluster.of(TRIALS).until("detect-0");
        SimulatedCluster second = first.beside("lab", "second", "detection: {trials: 5}");
        second.settle();
        assertThat(second.state("detect-1")).startsWith("Pending: runs as Job detect-");
        assertThat(second.state("detect-4")).isEqualTo("Ready: no result under its key");
        Job job = first.job("detect-0");
        first.commit("detect-0", "detect-2");
        Pods.indexes(job, "0,2", "1");
        Pods.fail(job, "has failed indexes", first.shared.now);
        second.settle();
        assertThat(JobLabels.keys(second.job("detect-4"))).containsOnlyKeys("detect-1", "detect-3", "detect-4");
    }

    @Test
    void experimentsWithDifferentStoresHaveDifferentJobs() {
        SimulatedCluster first = SimulatedCluster.of(TRIALS).until("pretrain");
        SimulatedCluster second =
                first.beside("lab", "second", TRIALS, "storage: {bucket: elsewhere, credentialsSecret: s3}");
        second.settle();
        assertThat(second.state("pretrain")).isEqualTo("Pending: is starting");
        assertThat(second.stage("pretrain").job())
                .isEqualTo(first.stage("pretrain").job() + "-s29453a");
    }

    @Test
    void theStoreIsQueriedAgainAfterAJobHasEnded() {
        SimulatedCluster cluster = SimulatedCluster.of(TRIALS).until("pretrain");
        Job job = cluster.job("pretrain");
        cluster.commit("pretrain");
        Pods.complete(job, cluster.shared.now);
        ReconcilePlan plan = cluster.reconcile();
        assertThat(plan.queries()).hasSize(1);
        assertThat(plan.creates()).isEmpty();
        assertThat(cluster.stage("pretrain").state()).isEqualTo("Pending");
        cluster.settle();
        assertThat(cluster.stage("pretrain").state()).isEqualTo("Succeeded");
    }

    @Test
    void aCommittedStageSurvivesTheDeletionOfItsJob() {
        SimulatedCluster cluster = SimulatedCluster.of(TRIALS).until("pretrain");
        String prepared = cluster.stage("prepare-voc").job();
        cluster.shared.jobs.values().removeIf(JobLabels::ended);
        cluster.restart();
        cluster.settle();
        assertThat(cluster.state("prepare-voc")).isEqualTo("Succeeded: committed");
        assertThat(cluster.stage("prepare-voc").job()).isEqualTo(prepared);
    }

    @Test
    void aRestartedOperatorKeepsTheStatusUntilItsQueriesAreAnswered() {
        SimulatedCluster cluster = SimulatedCluster.of(TRIALS).until("pretrain");
        var before = cluster.status;
        cluster.restart();
        ReconcilePlan first = cluster.reconcile();
        assertThat(first.queries()).isNotEmpty();
        assertThat(cluster.status).isEqualTo(before);
        cluster.settle();
        assertThat(cluster.status).isEqualTo(before);
    }

    @Test
    void aResumedExperimentCreatesTheSameJobsAgain() {
        SimulatedCluster cluster = SimulatedCluster.of(TRIALS).until("pretrain");
        String name = cluster.stage("pretrain").job();
        cluster.edit(TRIALS, "suspend: true");
        ReconcilePlan plan = cluster.reconcile();
        assertThat(plan.terminations()).hasSize(1);
        assertThat(cluster.condition("Suspended")).isEqualTo("False Stopping");
        assertThat(cluster.condition("Reconciling")).isEqualTo("True InProgress");
        assertThat(cluster.stage("pretrain").state()).isEqualTo("Stopping");
        assertThat(cluster.reconcile().status()).isEqualTo(plan.status());
        cluster.edit(TRIALS);
        cluster.settle();
        assertThat(cluster.live("pretrain"))
                .as("while the old pods save a checkpoint")
                .isEmpty();
        cluster.shared.jobs.values().removeIf(job -> job.getMetadata().getDeletionTimestamp() != null);
        cluster.edit(TRIALS, "suspend: true");
        cluster.settle();
        assertThat(cluster.state("pretrain"))
                .isEqualTo("Suspended: spec.suspend is set; it continues from its checkpoint once that is false");
        assertThat(cluster.condition("Suspended")).isEqualTo("True SpecSuspend");
        assertThat(cluster.condition("Reconciling")).isEqualTo("False Suspended");
        assertThat(cluster.state("linear")).startsWith("Blocked: needs pretrain");
        cluster.edit(TRIALS);
        cluster.settle();
        assertThat(cluster.job("pretrain").getMetadata().getName()).isEqualTo(name);
        assertThat(cluster.condition("Suspended")).isEqualTo("False NotSuspended");
    }

    @Test
    void aResumedStageKeepsItsStartAndItsCounts() {
        SimulatedCluster cluster = SimulatedCluster.of(TRIALS).until("pretrain");
        String started = cluster.shared.now.toString();
        for (int pod = 0; pod < 2; pod++) {
            cluster.shared.pods.clear();
            Pods.run(Pods.add(cluster.shared, cluster.job("pretrain"), -1), cluster.shared.now);
            cluster.settle();
        }
        cluster.later(Duration.ofHours(1));
        cluster.edit(TRIALS, "suspend: true");
        cluster.settle();
        cluster.shared.pods.clear();
        cluster.shared.jobs.values().removeIf(job -> job.getMetadata().getDeletionTimestamp() != null);
        cluster.settle();
        assertThat(cluster.stage("pretrain").state()).isEqualTo("Suspended");
        assertThat(cluster.stage("pretrain").pod()).isNull();
        cluster.edit(TRIALS);
        cluster.settle();
        Pods.run(Pods.add(cluster.shared, cluster.job("pretrain"), -1), cluster.shared.now);
        cluster.settle();
        assertThat(cluster.stage("pretrain").startTime()).isEqualTo(started);
        assertThat(cluster.stage("pretrain").infraFailures())
                .as("a requested stop loses no progress")
                .isEqualTo(1);
    }

    @Test
    void aCanceledExperimentHasEnded() {
        SimulatedCluster cluster = SimulatedCluster.of(TRIALS).until("pretrain");
        cluster.edit(TRIALS, "cancel: true");
        ReconcilePlan plan = cluster.reconcile();
        assertThat(plan.terminations()).hasSize(1);
        assertThat(plan.queries()).isEmpty();
        assertThat(cluster.state("pretrain"))
                .isEqualTo("Stopping: its Job is being deleted; the pod saves a checkpoint first");
        assertThat(cluster.condition("Ready")).isEqualTo("False InProgress");
        cluster.shared.jobs.values().removeIf(job -> job.getMetadata().getDeletionTimestamp() != null);
        cluster.reconcile();
        assertThat(cluster.condition("Ready")).isEqualTo("False Canceled");
        assertThat(cluster.condition("Stalled")).isEqualTo("True Canceled");
        assertThat(cluster.state("linear")).isEqualTo("Canceled: spec.cancel is set");
        assertThat(cluster.state("prepare-voc")).isEqualTo("Succeeded: committed");
        cluster.shared.jobs.clear();
        ReconcilePlan later = cluster.settle();
        assertThat(later.decision()).isEmpty();
        cluster.edit(TRIALS, "cancel: true", "retryToken: again");
        assertThat(cluster.settle().decision()).isEmpty();
    }

    @Test
    void aStageThatIsStoppingWhenItsExperimentIsCanceledIsCanceled() {
        SimulatedCluster cluster = SimulatedCluster.of(TRIALS).until("pretrain");
        cluster.edit(TRIALS, "suspend: true");
        cluster.reconcile();
        cluster.edit(TRIALS, "cancel: true");
        cluster.reconcile();
        assertThat(cluster.stage("pretrain").state()).isEqualTo("Stopping");
        cluster.shared.jobs.clear();
        cluster.settle();
        assertThat(cluster.state("pretrain")).isEqualTo("Canceled: spec.cancel is set");
    }

    @Test
    void aJobIsDeletedAfterACrashBeforeItsDeletion() {
        SimulatedCluster cluster = SimulatedCluster.of(TRIALS).until("pretrain");
        cluster.edit(TRIALS, "cancel: true");
        cluster.write(ReconcilePlan.of(cluster.input()));
        cluster.restart();
        assertThat(cluster.reconcile().terminations()).hasSize(1);
    }

    @Test
    void aFailureOutlivesItsJobUntilTheRetryTokenChanges() {
        SimulatedCluster cluster =
                SimulatedCluster.of("detection: {enabled: false}").until("pretrain");
        fail(cluster, "pretrain", 78, "the loss is NaN");
        cluster.settle();
        assertThat(cluster.state("pretrain")).isEqualTo("Failed: the loss is NaN");
        assertThat(cluster.state("linear")).isEqualTo("Failed: needs pretrain, which failed");
        assertThat(cluster.condition("Ready")).isEqualTo("False StageFailed");
        assertThat(cluster.condition("Succeeded")).isEqualTo("False StageFailed");
        cluster.shared.jobs.clear();
        cluster.shared.pods.clear();
        cluster.restart();
        assertThat(cluster.settle().creates()).isEmpty();
        cluster.edit("detection: {enabled: false}", "retryToken: again");
        cluster.settle();
        assertThat(cluster.stage("pretrain").state()).isEqualTo("Pending");
        assertThat(cluster.job("pretrain").getMetadata().getName()).matches("pretrain-[0-9a-f]{12}-r[0-9a-f]{6}");
        assertThat(cluster.condition("Succeeded")).isEqualTo("Unknown InProgress");
    }

    @Test
    void aFailedStageStaysFailedWhileOthersRun() {
        SimulatedCluster cluster =
                SimulatedCluster.of(TRIALS, "linear: {baseline: true}").until("pretrain");
        fail(cluster, "pretrain", 65, "no images");
        cluster.settle();
        assertThat(cluster.condition("Succeeded")).isEqualTo("Unknown InProgress");
        cluster.shared.jobs.values().removeIf(job -> JobLabels.keys(job).containsKey("pretrain"));
        cluster.shared.pods.clear();
        cluster.settle();
        assertThat(cluster.state("pretrain")).isEqualTo("Failed: no images");
        assertThat(cluster.live("pretrain")).isEmpty();
        cluster.commit("linear-baseline");
        Pods.complete(cluster.job("linear-baseline"), cluster.shared.now);
        cluster.settle();
        assertThat(cluster.condition("Succeeded")).isEqualTo("False StageFailed");
    }

    @Test
    void anUnreachableStoreStartsNothingAndIsReported() {
        SimulatedCluster cluster = SimulatedCluster.of(TRIALS);
        cluster.problem = Optional.of("s3://experiments: connection refused");
        cluster.reconcile();
        assertThat(cluster.condition("StorageReachable")).isEqualTo("False Unreachable");
        assertThat(cluster.condition("Stalled")).isEqualTo("True StorageUnreachable");
        assertThat(cluster.condition("Reconciling")).isEqualTo("False StorageUnreachable");
        cluster.problem = Optional.empty();
        cluster.settle();
        assertThat(cluster.condition("StorageReachable")).isEqualTo("True Reachable");
        assertThat(cluster.condition("Stalled")).isEqualTo("False NoFailure");
        assertThat(cluster.live("prepare-imagenet")).isPresent();
    }

    @Test
    void aStoreThatBecomesUnreachableChangesNoRunningStage() {
        SimulatedCluster cluster = SimulatedCluster.of(TRIALS).until("pretrain");
        var stages = cluster.status == null ? List.of() : cluster.status.stages();
        cluster.restart();
        cluster.problem = Optional.of("timeout");
        ReconcilePlan plan = cluster.reconcile();
        assertThat(plan.creates()).isEmpty();
        assertThat(plan.terminations()).isEmpty();
        assertThat(plan.status().stages()).isEqualTo(stages);
        assertThat(cluster.condition("Stalled")).isEqualTo("True StorageUnreachable");
        assertThat(plan.status().summary().reason()).isEqualTo("timeout");
    }

    @Test
    void withoutAnyStoreTheSpecIsInvalid() {
        SimulatedCluster cluster = SimulatedCluster.of(TRIALS);
        cluster.config = SimulatedCluster.config(StoreRules.NONE);
        ReconcilePlan plan = cluster.reconcile();
        assertThat(plan.decision()).isEmpty();
        assertThat(cluster.condition("Stalled")).isEqualTo("True InvalidSpec");
        assertThat(plan.status().summary().reason())
                .isEqualTo("spec.storage must be given: this operator has no store of its own (--store)");
    }

    @Test
    void aStoreThatTheOperatorDoesNotAllowIsNeitherReadNorUsedByAJob() {
        SimulatedCluster cluster = SimulatedCluster.of(TRIALS, "storage: {bucket: elsewhere}");
        ReconcilePlan plan = cluster.reconcile();
        assertThat(plan.decision()).isEmpty();
        assertThat(plan.queries()).isEmpty();
        assertThat(plan.unlisted()).isEmpty();
        assertThat(plan.creates()).isEmpty();
        assertThat(cluster.condition("Stalled")).isEqualTo("True InvalidSpec");
        assertThat(plan.status().summary().reason())
                .isEqualTo("spec.storage.credentialsSecret must be given: without it the operator would read"
                        + " s3://elsewhere with its own identity; allowed are the operator's own store,"
                        + " s3://datasets (--allow-bucket)");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "timeouts: {pendingMinutes: 60}, 60, false, no pod of it ran within timeouts.pendingMinutes; 60: is starting",
        "'timeouts: {activeHours: 2, stalledMinutes: 0}', 120, true, it ran for longer than timeouts.activeHours; 2"
    })
    void aTimeLimitFailsTheStageAndThenDeletesItsJob(String policy, int minutes, boolean runs, String reason) {
        SimulatedCluster cluster =
                SimulatedCluster.of("detection: {enabled: false}", policy).until("pretrain");
        Job job = cluster.job("pretrain");
        Pod pod = Pods.add(cluster.shared, job, -1);
        if (runs) {
            Pods.run(pod, cluster.shared.now);
            cluster.settle();
        }
        ReconcilePlan before = cluster.settle();
        assertThat(before.requeueAfter()).contains(Duration.ofMinutes(minutes).plusSeconds(1));
        cluster.later(Duration.ofMinutes(minutes));
        assertThat(cluster.settle().terminations()).isEmpty();
        cluster.later(Duration.ofSeconds(1));
        ReconcilePlan first = cluster.reconcile();
        assertThat(first.report()).isTrue();
        assertThat(first.terminations())
                .as("before the failure is in the status")
                .isEmpty();
        cluster.answer(first);
        ReconcilePlan plan = cluster.reconcile();
        assertThat(plan.terminations()).hasSize(1).allMatch(Action.Delete.class::isInstance);
        assertThat(cluster.state("pretrain")).isEqualTo("Failed: " + reason.replace(';', ','));
        cluster.shared.jobs.clear();
        cluster.settle();
        assertThat(cluster.state("pretrain")).startsWith("Failed: ");
    }

    @Test
    void timeInAQueueDoesNotCountAsPending() {
        SimulatedCluster cluster =
                SimulatedCluster.of("scheduling: {queueName: research}", "timeouts: {pendingMinutes: 1}");
        cluster.settle();
        assertThat(cluster.state("prepare-voc")).isEqualTo("Pending: waits in the queue research");
        cluster.later(Duration.ofDays(3));
        assertThat(cluster.settle().terminations()).isEmpty();
        assertThat(cluster.stage("prepare-voc").state()).isEqualTo("Pending");
    }

    @Test
    void aStalledPodIsEvictedOnce() {
        SimulatedCluster cluster = SimulatedCluster.of(TRIALS).until("pretrain");
        Pod pod = Pods.add(cluster.shared, cluster.job("pretrain"), -1);
        Pods.run(pod, cluster.shared.now);
        cluster.later(Duration.ofMinutes(30));
        String key = cluster.planned("pretrain").key().orElseThrow();
        cluster.progress.put(key, progress(500, cluster.shared.now));
        assertThat(cluster.settle().requeueAfter())
                .contains(Duration.ofMinutes(20).plusSeconds(1));
        cluster.later(Duration.ofMinutes(20).plusSeconds(1));
        ReconcilePlan plan = cluster.reconcile();
        assertThat(plan.terminations())
                .containsExactly(new Action.Evict(
                        "lab",
                        pod.getMetadata().getName(),
                        pod.getMetadata().getUid(),
                        "no progress for timeouts.stalledMinutes, 20, since step 500"));
        assertThat(cluster.settle().terminations()).isEmpty();
        assertThat(cluster.state("pretrain"))
                .isEqualTo("Pending: pod " + pod.getMetadata().getName() + " is being stopped, another follows");
        cluster.shared.pods.clear();
        Pod next = Pods.add(cluster.shared, cluster.job("pretrain"), -1);
        Pods.run(next, cluster.shared.now);
        cluster.settle();
        assertThat(cluster.stage("pretrain").infraFailures()).isEqualTo(1);
        assertThat(cluster.stage("pretrain").userFailures()).isZero();
    }

    @Test
    void aStalledPodIsNotEvictedIfTheLimitIsOff() {
        SimulatedCluster cluster =
                SimulatedCluster.of(TRIALS, "timeouts: {stalledMinutes: 0}").until("pretrain");
        Pods.run(Pods.add(cluster.shared, cluster.job("pretrain"), -1), cluster.shared.now);
        cluster.later(Duration.ofDays(1));
        ReconcilePlan plan = cluster.settle();
        assertThat(plan.terminations()).isEmpty();
        assertThat(plan.requeueAfter()).isEmpty();
    }

    @Test
    void theJobOfAnotherExperimentIsNeverTerminated() {
        SimulatedCluster first = SimulatedCluster.of(TRIALS).until("pretrain");
        SimulatedCluster second = first.beside("lab", "second", TRIALS);
        second.settle();
        second.edit(TRIALS, "suspend: true");
        assertThat(second.reconcile().terminations()).isEmpty();
        second.edit(TRIALS, "cancel: true");
        assertThat(second.reconcile().terminations()).isEmpty();
        assertThat(first.live("pretrain")).isPresent();
    }

    private static SimulatedCluster succeeded() {
        SimulatedCluster cluster = SimulatedCluster.of(TRIALS).until("detect-0");
        for (String task : List.of("linear", "detect-0")) {
            cluster.live(task).ifPresent(job -> {
                JobLabels.keys(job).keySet().forEach(cluster::commit);
                Pods.complete(job, cluster.shared.now);
            });
        }
        cluster.settle();
        return cluster;
    }

    static void fail(SimulatedCluster cluster, String task, int exitCode, String message) {
        Job job = cluster.job(task);
        Pod pod = Pods.add(cluster.shared, job, -1);
        Pods.end(pod, exitCode, Pods.message(exitCode, message), cluster.shared.now);
        Pods.failures(job, 1);
        Pods.fail(job, "Container stage for pod failed with exit code " + exitCode, cluster.shared.now);
    }

    static Progress progress(long step, Instant now) {
        return new Progress("training", 0, 200, step, 1000, 100.0, 0.1, 7.0, 1.0, 5.0, 60.0, 400L, 1, now);
    }

    private static List<String> names(List<Action.Create> creates) {
        return creates.stream()
                .map(create -> create.job().getMetadata().getName())
                .collect(Collectors.toList());
    }

    private static String task(String job) {
        return job.replaceFirst("-[0-9a-f]{12}$", "");
    }
}
