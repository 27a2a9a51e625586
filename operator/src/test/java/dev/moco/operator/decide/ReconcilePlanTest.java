package dev.moco.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Progress;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.OperatorConfig;
import dev.moco.operator.jobs.Owner;
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

/** Experiments from their first turn to their last, as a reconciler would drive them. */
class ReconcilePlanTest {
    private static final String TRIALS = "detection: {trials: 3}";

    @Test
    void nothingStartsBeforeTheRawDataIsListedAndTheStoreAsked() {
        World world = World.of();
        ReconcilePlan first = world.turn();
        assertThat(first.creates()).isEmpty();
        assertThat(first.unlisted()).containsExactly("prepare-imagenet", "prepare-voc");
        world.answer(first);
        ReconcilePlan second = world.turn();
        assertThat(second.creates()).isEmpty();
        assertThat(second.looks()).extracting(look -> look.stage().id()).containsExactly("prepare", "prepare");
        assertThat(second.looks()).extracting(ManifestQuery::mark).containsOnly("");
        world.answer(second);
        assertThat(names(world.turn().creates()))
                .containsExactly("prepare-imagenet-ced576024f53", "prepare-voc-bb94b5cec470");
        assertThat(world.state("prepare-voc")).isEqualTo("Pending: is starting");
        assertThat(world.stage("prepare-voc").job()).isEqualTo("prepare-voc-bb94b5cec470");
    }

    @Test
    void eachStageHasOneJobAndTheTrialsShareOne() {
        World world = World.of(TRIALS, "linear: {baseline: true}").until("detect-0");
        assertThat(world.shared.everCreated.stream().map(ReconcilePlanTest::task))
                .containsExactly(
                        "lab/prepare-imagenet",
                        "lab/prepare-voc",
                        "lab/pretrain",
                        "lab/linear-baseline",
                        "lab/linear",
                        "lab/detect");
        assertThat(JobLabels.keys(world.job("detect-0"))).containsOnlyKeys("detect-0", "detect-1", "detect-2");
    }

    @Test
    void anEndedExperimentIsReadyAndNothingIsDoneForItAnyMore() {
        World world = succeeded();
        assertThat(world.condition("Ready")).isEqualTo("True Succeeded");
        assertThat(world.state("pretrain")).isEqualTo("Succeeded: committed");
        int writes = world.statusWrites;
        world.shared.jobs.clear(); // by their time to live
        world.restart();
        ReconcilePlan turn = world.settle();
        assertThat(turn.decision()).isEmpty();
        assertThat(turn.looks()).isEmpty();
        assertThat(turn.unlisted()).isEmpty();
        assertThat(world.statusWrites).isEqualTo(writes);
        world.edit(TRIALS, "retryToken: again");
        world.settle();
        assertThat(world.statusWrites).isEqualTo(writes);
    }

    @Test
    void anotherGenerationOfAnEndedExperimentIsOnlyObserved() {
        World world = succeeded();
        Owner owner = world.owner;
        ReconcileInput before = world.scene();
        ReconcileInput scene = new ReconcileInput(
                new Owner(owner.namespace(), owner.name(), owner.uid(), 7),
                before.experiment(),
                before.policy(),
                before.config(),
                before.cluster(),
                StoreSnapshot.EMPTY,
                before.previous(),
                before.now());
        assertThat(ReconcilePlan.of(scene).status().observedGeneration()).isEqualTo(7);
        assertThat(ReconcilePlan.of(scene).status().stages())
                .isEqualTo(ReconcilePlan.of(before).status().stages());
    }

    @Test
    void whatIsCommittedNeedsNoJobAndNoGpu() {
        World first = succeeded();
        World again = first.beside("lab", "again", TRIALS);
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
        World first = World.of(TRIALS).until("pretrain");
        World second = first.beside(namespace, "second", TRIALS);
        second.settle();
        assertThat(second.state("pretrain"))
                .isEqualTo("Pending: runs as Job " + (namespace.equals("lab") ? "" : "lab/")
                        + first.stage("pretrain").job() + " of experiment x");
        Job job = first.job("pretrain");
        first.commit("pretrain");
        Pods.complete(job, first.shared.now);
        second.settle();
        assertThat(second.stage("pretrain").state()).isEqualTo("Succeeded");
        assertThat(first.shared.everCreated.stream().filter(name -> name.contains("pretrain")))
                .hasSize(1);
    }

    @Test
    void aTrialThatRunsElsewhereIsWaitedForBeforeTheOthersStart() {
        World first = World.of(TRIALS).until("detect-0");
        World second = first.beside("lab", "second", "detection: {trials: 5}");
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
    void anotherStoreIsAnotherResult() {
        World first = World.of(TRIALS).until("pretrain");
        World second = first.beside("lab", "second", TRIALS, "storage: {bucket: elsewhere}");
        second.settle();
        assertThat(second.state("pretrain")).isEqualTo("Pending: is starting");
        assertThat(second.stage("pretrain").job())
                .isEqualTo(first.stage("pretrain").job() + "-s29453a");
    }

    @Test
    void aLookFromBeforeAJobEndedSaysNothingAboutItsCommit() {
        World world = World.of(TRIALS).until("pretrain");
        Job job = world.job("pretrain");
        world.commit("pretrain");
        Pods.complete(job, world.shared.now);
        ReconcilePlan turn = world.turn();
        assertThat(turn.looks()).hasSize(1);
        assertThat(turn.creates()).isEmpty();
        assertThat(world.stage("pretrain").state()).isEqualTo("Pending");
        world.settle();
        assertThat(world.stage("pretrain").state()).isEqualTo("Succeeded");
    }

    @Test
    void aJobThatIsGoneIsNotMissedOnceItsStageIsCommitted() {
        World world = World.of(TRIALS).until("pretrain");
        String prepared = world.stage("prepare-voc").job();
        world.shared.jobs.values().removeIf(JobLabels::ended);
        world.restart();
        world.settle();
        assertThat(world.state("prepare-voc")).isEqualTo("Succeeded: committed");
        assertThat(world.stage("prepare-voc").job()).isEqualTo(prepared);
    }

    @Test
    void aRestartedOperatorTellsNothingWorseThanItKnew() {
        World world = World.of(TRIALS).until("pretrain");
        var before = world.status;
        world.restart();
        ReconcilePlan first = world.turn();
        assertThat(first.looks()).isNotEmpty();
        assertThat(world.status).isEqualTo(before);
        world.settle();
        assertThat(world.status).isEqualTo(before);
    }

    @Test
    void aSuspendedExperimentStopsItsJobsAndGoesOnWithTheSame() {
        World world = World.of(TRIALS).until("pretrain");
        String name = world.stage("pretrain").job();
        world.edit(TRIALS, "suspend: true");
        ReconcilePlan turn = world.turn();
        assertThat(turn.stops()).hasSize(1);
        assertThat(world.condition("Suspended")).isEqualTo("True SpecSuspend");
        assertThat(world.condition("Reconciling")).isEqualTo("False Suspended");
        assertThat(world.stage("pretrain").state()).isEqualTo("Stopping");
        assertThat(world.turn().status()).isEqualTo(turn.status());
        world.edit(TRIALS);
        world.settle();
        assertThat(world.live("pretrain"))
                .as("while the old pods save a checkpoint")
                .isEmpty();
        world.shared.jobs.values().removeIf(job -> job.getMetadata().getDeletionTimestamp() != null);
        world.edit(TRIALS, "suspend: true");
        world.settle();
        assertThat(world.state("pretrain"))
                .isEqualTo("Suspended: spec.suspend is set; it goes on from its checkpoint once that is false");
        assertThat(world.state("linear")).startsWith("Blocked: needs pretrain");
        world.edit(TRIALS);
        world.settle();
        assertThat(world.job("pretrain").getMetadata().getName()).isEqualTo(name);
        assertThat(world.condition("Suspended")).isEqualTo("False NotSuspended");
    }

    @Test
    void aResumedStageKeepsItsStartAndItsCounts() {
        World world = World.of(TRIALS).until("pretrain");
        String started = world.shared.now.toString();
        for (int pod = 0; pod < 2; pod++) {
            world.shared.pods.clear();
            Pods.run(Pods.add(world.shared, world.job("pretrain"), -1), world.shared.now);
            world.settle();
        }
        world.later(Duration.ofHours(1));
        world.edit(TRIALS, "suspend: true");
        world.settle();
        world.shared.pods.clear();
        world.shared.jobs.values().removeIf(job -> job.getMetadata().getDeletionTimestamp() != null);
        world.settle();
        assertThat(world.stage("pretrain").state()).isEqualTo("Suspended");
        assertThat(world.stage("pretrain").pod()).isNull();
        world.edit(TRIALS);
        world.settle();
        Pods.run(Pods.add(world.shared, world.job("pretrain"), -1), world.shared.now);
        world.settle();
        assertThat(world.stage("pretrain").startTime()).isEqualTo(started);
        assertThat(world.stage("pretrain").infraFailures())
                .as("stopping on request loses nothing")
                .isEqualTo(1);
    }

    @Test
    void aCanceledExperimentHasEnded() {
        World world = World.of(TRIALS).until("pretrain");
        world.edit(TRIALS, "cancel: true");
        ReconcilePlan turn = world.turn();
        assertThat(turn.stops()).hasSize(1);
        assertThat(turn.looks()).isEmpty();
        assertThat(world.condition("Ready")).isEqualTo("False Canceled");
        assertThat(world.condition("Stalled")).isEqualTo("True Canceled");
        assertThat(world.state("linear")).isEqualTo("Canceled: spec.cancel is set");
        assertThat(world.state("prepare-voc")).isEqualTo("Succeeded: committed");
        world.shared.jobs.clear();
        ReconcilePlan later = world.settle();
        assertThat(later.decision()).isEmpty();
        world.edit(TRIALS, "cancel: true", "retryToken: again");
        assertThat(world.settle().decision()).isEmpty();
    }

    @Test
    void aStageThatIsStoppingWhenItsExperimentIsCanceledIsCanceled() {
        World world = World.of(TRIALS).until("pretrain");
        world.edit(TRIALS, "suspend: true");
        world.turn();
        world.edit(TRIALS, "cancel: true");
        world.turn();
        assertThat(world.state("pretrain")).isEqualTo("Canceled: spec.cancel is set");
        world.shared.jobs.clear();
        world.settle();
        assertThat(world.state("pretrain")).isEqualTo("Canceled: spec.cancel is set");
    }

    @Test
    void aCrashBeforeTheDeletionLeavesNoJobBehind() {
        World world = World.of(TRIALS).until("pretrain");
        world.edit(TRIALS, "cancel: true");
        world.write(ReconcilePlan.of(world.scene()));
        world.restart();
        assertThat(world.turn().stops()).hasSize(1);
    }

    @Test
    void aFailureStaysThoughItsJobIsGoneUntilAnotherTokenComes() {
        World world = World.of("detection: {enabled: false}").until("pretrain");
        fail(world, "pretrain", 78, "the loss is NaN");
        world.settle();
        assertThat(world.state("pretrain")).isEqualTo("Failed: the loss is NaN");
        assertThat(world.state("linear")).isEqualTo("Failed: needs pretrain, which failed");
        assertThat(world.condition("Ready")).isEqualTo("False StageFailed");
        assertThat(world.condition("Succeeded")).isEqualTo("False StageFailed");
        world.shared.jobs.clear();
        world.shared.pods.clear();
        world.restart();
        assertThat(world.settle().creates()).isEmpty();
        world.edit("detection: {enabled: false}", "retryToken: again");
        world.settle();
        assertThat(world.stage("pretrain").state()).isEqualTo("Pending");
        assertThat(world.job("pretrain").getMetadata().getName()).matches("pretrain-[0-9a-f]{12}-r[0-9a-f]{6}");
        assertThat(world.condition("Succeeded")).isEqualTo("Unknown InProgress");
    }

    @Test
    void aFailedStageStaysFailedWhileTheOthersGoOn() {
        World world = World.of(TRIALS, "linear: {baseline: true}").until("pretrain");
        fail(world, "pretrain", 65, "no images");
        world.settle();
        assertThat(world.condition("Succeeded")).isEqualTo("Unknown InProgress");
        world.shared.jobs.values().removeIf(job -> JobLabels.keys(job).containsKey("pretrain"));
        world.shared.pods.clear();
        world.settle();
        assertThat(world.state("pretrain")).isEqualTo("Failed: no images");
        assertThat(world.live("pretrain")).isEmpty();
        world.commit("linear-baseline");
        Pods.complete(world.job("linear-baseline"), world.shared.now);
        world.settle();
        assertThat(world.condition("Succeeded")).isEqualTo("False StageFailed");
    }

    @Test
    void anUnreachableStoreStartsNothingAndIsSaid() {
        World world = World.of(TRIALS);
        world.problem = Optional.of("s3://experiments: connection refused");
        world.turn();
        assertThat(world.condition("StorageReachable")).isEqualTo("False Unreachable");
        assertThat(world.condition("Stalled")).isEqualTo("True StorageUnreachable");
        assertThat(world.condition("Reconciling")).isEqualTo("False StorageUnreachable");
        world.problem = Optional.empty();
        world.settle();
        assertThat(world.condition("StorageReachable")).isEqualTo("True Reachable");
        assertThat(world.condition("Stalled")).isEqualTo("False NoFailure");
        assertThat(world.live("prepare-imagenet")).isPresent();
    }

    @Test
    void aStoreThatGoesAwayWhileAStageRunsTakesNothingBack() {
        World world = World.of(TRIALS).until("pretrain");
        var stages = world.status == null ? List.of() : world.status.stages();
        world.restart();
        world.problem = Optional.of("timeout");
        ReconcilePlan turn = world.turn();
        assertThat(turn.creates()).isEmpty();
        assertThat(turn.stops()).isEmpty();
        assertThat(turn.status().stages()).isEqualTo(stages);
        assertThat(world.condition("Stalled")).isEqualTo("True StorageUnreachable");
        assertThat(turn.status().summary().reason()).isEqualTo("timeout");
    }

    @Test
    void withoutAnyStoreTheSpecIsInvalid() {
        World world = World.of(TRIALS);
        world.config =
                new OperatorConfig(World.IMAGE, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        ReconcilePlan turn = world.turn();
        assertThat(turn.decision()).isEmpty();
        assertThat(world.condition("Stalled")).isEqualTo("True InvalidSpec");
        assertThat(turn.status().summary().reason())
                .isEqualTo("spec.storage must be given: this operator has no store of its own (--store)");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "timeouts: {pendingMinutes: 60}, 60, false, no pod of it ran within timeouts.pendingMinutes; 60: is starting",
        "'timeouts: {activeHours: 2, stalledMinutes: 0}', 120, true, it ran for longer than timeouts.activeHours; 2"
    })
    void aLimitOfTimeFailsTheStageFirstAndDeletesItsJobThen(String policy, int minutes, boolean runs, String reason) {
        World world = World.of("detection: {enabled: false}", policy).until("pretrain");
        Job job = world.job("pretrain");
        Pod pod = Pods.add(world.shared, job, -1);
        if (runs) {
            Pods.run(pod, world.shared.now);
            world.settle();
        }
        ReconcilePlan before = world.settle();
        assertThat(before.again()).contains(Duration.ofMinutes(minutes).plusSeconds(1));
        world.later(Duration.ofMinutes(minutes));
        assertThat(world.settle().stops()).isEmpty();
        world.later(Duration.ofSeconds(1));
        ReconcilePlan first = world.turn();
        assertThat(first.report()).isTrue();
        assertThat(first.stops()).as("before the verdict is written").isEmpty();
        world.answer(first);
        ReconcilePlan turn = world.turn();
        assertThat(turn.stops()).hasSize(1).allMatch(Action.Delete.class::isInstance);
        assertThat(world.state("pretrain")).isEqualTo("Failed: " + reason.replace(';', ','));
        world.shared.jobs.clear();
        world.settle();
        assertThat(world.state("pretrain")).startsWith("Failed: ");
    }

    @Test
    void timeInAQueueIsNotTimeWithoutANode() {
        World world = World.of("scheduling: {queueName: research}", "timeouts: {pendingMinutes: 1}");
        world.settle();
        assertThat(world.state("prepare-voc")).isEqualTo("Pending: waits in the queue research");
        world.later(Duration.ofDays(3));
        assertThat(world.settle().stops()).isEmpty();
        assertThat(world.stage("prepare-voc").state()).isEqualTo("Pending");
    }

    @Test
    void aPodThatStandsStillIsReplacedOnce() {
        World world = World.of(TRIALS).until("pretrain");
        Pod pod = Pods.add(world.shared, world.job("pretrain"), -1);
        Pods.run(pod, world.shared.now);
        world.later(Duration.ofMinutes(30));
        String key = world.planned("pretrain").key().orElseThrow();
        world.progress.put(key, progress(500, world.shared.now));
        assertThat(world.settle().again()).contains(Duration.ofMinutes(20).plusSeconds(1));
        world.later(Duration.ofMinutes(20).plusSeconds(1));
        ReconcilePlan turn = world.turn();
        assertThat(turn.stops())
                .containsExactly(new Action.Evict(
                        "lab",
                        pod.getMetadata().getName(),
                        pod.getMetadata().getUid(),
                        "no progress for timeouts.stalledMinutes, 20, since step 500"));
        assertThat(world.settle().stops()).isEmpty();
        assertThat(world.state("pretrain"))
                .isEqualTo("Pending: pod " + pod.getMetadata().getName() + " is being stopped, another follows");
        world.shared.pods.clear();
        Pod next = Pods.add(world.shared, world.job("pretrain"), -1);
        Pods.run(next, world.shared.now);
        world.settle();
        assertThat(world.stage("pretrain").infraFailures()).isEqualTo(1);
        assertThat(world.stage("pretrain").userFailures()).isZero();
    }

    @Test
    void aStandstillIsForgivenWhereTheLimitIsOff() {
        World world = World.of(TRIALS, "timeouts: {stalledMinutes: 0}").until("pretrain");
        Pods.run(Pods.add(world.shared, world.job("pretrain"), -1), world.shared.now);
        world.later(Duration.ofDays(1));
        ReconcilePlan turn = world.settle();
        assertThat(turn.stops()).isEmpty();
        assertThat(turn.again()).isEmpty();
    }

    @Test
    void theJobOfAnotherExperimentIsNotOursToStop() {
        World first = World.of(TRIALS).until("pretrain");
        World second = first.beside("lab", "second", TRIALS);
        second.settle();
        second.edit(TRIALS, "suspend: true");
        assertThat(second.turn().stops()).isEmpty();
        second.edit(TRIALS, "cancel: true");
        assertThat(second.turn().stops()).isEmpty();
        assertThat(first.live("pretrain")).isPresent();
    }

    private static World succeeded() {
        World world = World.of(TRIALS).until("detect-0");
        for (String task : List.of("linear", "detect-0")) {
            world.live(task).ifPresent(job -> {
                JobLabels.keys(job).keySet().forEach(world::commit);
                Pods.complete(job, world.shared.now);
            });
        }
        world.settle();
        return world;
    }

    static void fail(World world, String task, int exitCode, String message) {
        Job job = world.job(task);
        Pod pod = Pods.add(world.shared, job, -1);
        Pods.end(pod, exitCode, Pods.words(exitCode, message), world.shared.now);
        Pods.failures(job, 1);
        Pods.fail(job, "Container stage for pod failed with exit code " + exitCode, world.shared.now);
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
