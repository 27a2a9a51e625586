package dev.moco.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Manifest;
import dev.moco.contract.StoreLocation;
import dev.moco.operator.jobs.AllowedBucket;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.OperatorConfig;
import dev.moco.operator.jobs.StoreRules;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Jobs and pods that an experiment did not make: of neighbors, of earlier resources, made by hand. */
class OtherJobsTest {
    private static final String TRIALS = "detection: {trials: 3}";

    private final SimulatedCluster cluster = SimulatedCluster.of(TRIALS).until("pretrain");

    @ParameterizedTest(name = "in namespace {0}, controller {1}/{2}")
    @CsvSource(
            nullValues = "null",
            value = {
                "lab, null, null",
                "lab, batch/v1, MoCoExperiment",
                "lab, moco.dev/v1alpha1, Other",
                "evil, null, null",
                "evil, moco.dev.evil/v1, MoCoExperiment"
            })
    void aJobThatNoExperimentControlsHoldsNobody(String namespace, @Nullable String apiVersion, @Nullable String kind) {
        Job real = cluster.job("pretrain");
        cluster.shared.jobs.values().remove(real);
        cluster.shared.jobs.put(
                namespace + "/forged",
                new JobBuilder(real)
                        .editMetadata()
                        .withNamespace(namespace)
                        .withName("forged")
                        .addToLabels(JobLabels.EXPERIMENT, "forged")
                        .withOwnerReferences(kind == null ? List.of() : List.of(controller(apiVersion, kind)))
                        .endMetadata()
                        .editSpec()
                        .withSuspend(true)
                        .endSpec()
                        .build());
        SimulatedCluster victim = cluster.beside("lab", "victim", TRIALS);
        victim.settle();
        assertThat(victim.state("pretrain")).isEqualTo("Pending: is starting");
        assertThat(cluster.shared.jobs.values())
                .anyMatch(job -> JobLabels.keys(job).containsKey("pretrain") && JobLabels.isOwnedBy(job, "uid-victim"));
    }

    @Test
    void aJobOfAnotherNamespaceHoldsNobodyInAStoreThatAnExperimentNames() {
        String store = "storage: {bucket: experiments, prefix: moco}";
        SimulatedCluster other = cluster.beside("other", "victim", TRIALS, store);
        other.settle();
        assertThat(other.state("pretrain")).isEqualTo("Pending: is starting");
        assertThat(cluster.shared.jobs.keySet())
                .filteredOn(name -> name.contains("pretrain"))
                .anyMatch(name -> name.startsWith("lab/"))
                .anyMatch(name -> name.startsWith("other/"));
    }

    @Test
    void aJobOfAnotherNamespaceHoldsNobodyUnlessNamespacesShareTheStore() {
        SimulatedCluster victim = cluster.beside("other", "victim", TRIALS);
        victim.config = SimulatedCluster.config(new StoreRules(
                Optional.of(SimulatedCluster.STORE),
                Optional.empty(),
                false,
                List.of(),
                List.of(new AllowedBucket("s3://datasets"))));
        // Anybody who may create Jobs in a namespace can give one the annotations and a controller of that namespace.
        cluster.job("pretrain").getMetadata().getAnnotations().put(JobLabels.STORE, "s3://experiments/moco/other");
        victim.settle();
        assertThat(victim.state("pretrain")).isEqualTo("Pending: is starting");
        assertThat(cluster.shared.jobs)
                .containsKey("other/" + victim.stage("pretrain").job());
    }

    @Test
    void noTextOfAnotherNamespacesPodsIsInTheStatus() {
        SimulatedCluster other = cluster.beside("other", "victim", TRIALS);
        Pod pod = Pods.add(cluster.shared, cluster.job("pretrain"), -1);
        Pods.waiting(pod, "ImagePullBackOff", "call this number");
        other.settle();
        String job = "lab/" + cluster.job("pretrain").getMetadata().getName();
        assertThat(other.state("pretrain")).isEqualTo("Pending: runs as Job " + job);
        Pods.run(pod, cluster.shared.now);
        other.settle();
        assertThat(other.state("pretrain")).isEqualTo("Running: runs as Job " + job);
        assertThat(other.stage("pretrain").job()).isEqualTo(job);
        assertThat(other.stage("pretrain").pod()).isNull();
    }

    @Test
    void theFailureOfAnotherExperimentIsNoAttemptOfThisOne() {
        SimulatedCluster second = cluster.beside("lab", "second", TRIALS);
        second.settle();
        String name = cluster.job("pretrain").getMetadata().getName();
        ReconcilePlanTest.fail(cluster, "pretrain", 65, "no images");
        cluster.settle();
        assertThat(cluster.state("pretrain")).isEqualTo("Failed: no images");
        second.settle();
        assertThat(second.state("pretrain")).isEqualTo("Pending: is starting");
        assertThat(second.job("pretrain").getMetadata().getName()).isEqualTo(name + "-2");
        SimulatedCluster third = cluster.beside("lab", "third", TRIALS);
        third.settle();
        assertThat(third.state("pretrain")).isEqualTo("Pending: runs as Job " + name + "-2 of experiment second");
        ReconcilePlanTest.fail(second, "pretrain", 65, "no images");
        second.settle();
        assertThat(second.state("pretrain")).isEqualTo("Failed: no images");
        third.settle();
        assertThat(third.job("pretrain").getMetadata().getName()).isEqualTo(name + "-3");
        assertThat(cluster.state("pretrain")).isEqualTo("Failed: no images");
    }

    @ParameterizedTest(name = "its Job still exists: {0}")
    @CsvSource({"true", "false"})
    void aPodThatIsBeingStoppedOwnsItsKey(boolean exists) {
        Job old = cluster.job("pretrain");
        Pod pod = Pods.add(cluster.shared, old, -1);
        Pods.run(pod, cluster.shared.now);
        // Deleted and applied again: the resource has another uid.
        pod.getMetadata().setDeletionTimestamp(cluster.shared.now.toString());
        if (exists) {
            old.getMetadata().setDeletionTimestamp(cluster.shared.now.toString());
        } else {
            cluster.shared.jobs.values().remove(old);
        }
        SimulatedCluster again = cluster.again();
        again.settle();
        assertThat(again.state("pretrain"))
                .isEqualTo(
                        exists
                                ? "Stopping: its Job is being deleted; the pod saves a checkpoint first"
                                : "Stopping: waits for pod " + pod.getMetadata().getName()
                                        + " of a deleted Job, which saves a checkpoint first");
        SimulatedCluster neighbor = cluster.beside("lab", "neighbor", TRIALS);
        neighbor.settle();
        assertThat(cluster.live("pretrain")).isEmpty();
        again.edit(TRIALS, "suspend: true");
        again.settle();
        assertThat(again.condition("Suspended")).isEqualTo("False Stopping");
        again.edit(TRIALS);
        Pods.end(pod, 75, "", cluster.shared.now);
        cluster.shared.jobs.values().remove(old);
        again.settle();
        assertThat(again.live("pretrain")).isPresent();
    }

    @Test
    void aPodWithoutAJobIsStoppedAndItsKeyQueriedAgain() {
        Pod pod = Pods.add(cluster.shared, cluster.job("pretrain"), -1);
        Pods.run(pod, cluster.shared.now);
        pod.getMetadata().setOwnerReferences(List.of());
        cluster.shared.jobs.values().removeIf(job -> JobLabels.keys(job).containsKey("pretrain"));
        cluster.settle();
        assertThat(cluster.state("pretrain"))
                .isEqualTo("Stopping: waits for pod " + pod.getMetadata().getName() + ", which runs without its Job");
        cluster.edit(TRIALS, "suspend: true");
        cluster.settle();
        assertThat(pod.getMetadata().getDeletionTimestamp()).isNotNull();
        assertThat(cluster.condition("Suspended")).isEqualTo("False Stopping");
        cluster.commit("pretrain");
        cluster.shared.pods.clear();
        cluster.edit(TRIALS);
        cluster.settle();
        assertThat(cluster.stage("pretrain").state()).isEqualTo("Succeeded");
        assertThat(cluster.live("pretrain")).isEmpty();
    }

    @Test
    void anOrphanedJobIsAdopted() {
        Job orphan = orphan();
        SimulatedCluster again = cluster.again();
        again.settle();
        assertThat(again.state("pretrain")).isEqualTo("Running: runs");
        assertThat(JobLabels.isOwnedBy(again.job("pretrain"), again.owner.uid()))
                .isTrue();
        assertThat(again.job("pretrain").getMetadata().getUid())
                .isEqualTo(orphan.getMetadata().getUid());
        again.commit("pretrain");
        Pods.complete(again.job("pretrain"), cluster.shared.now);
        again.settle();
        assertThat(again.state("pretrain")).isEqualTo("Succeeded: committed");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"suspend, Suspended", "cancel, Canceled"})
    void anOrphanedJobIsStopped(String field, String state) {
        Job orphan = orphan();
        SimulatedCluster again = cluster.again();
        again.edit(TRIALS, field + ": true");
        again.settle();
        assertThat(orphan.getMetadata().getDeletionTimestamp()).isNotNull();
        assertThat(again.stage("pretrain").state()).isEqualTo("Stopping");
        assertThat(again.condition("Suspended")).startsWith("False");
        assertThat(again.condition("Succeeded")).isEqualTo("Unknown InProgress");
        again.shared.jobs.remove("lab/" + orphan.getMetadata().getName());
        again.shared.pods.clear();
        again.settle();
        assertThat(again.stage("pretrain").state()).isEqualTo(state);
    }

    @Test
    void anOrphanedJobOfAnotherSpecIsStopped() {
        Job orphan = orphan();
        SimulatedCluster again = cluster.again();
        again.edit(TRIALS, "pretrain: {temperature: 0.5}");
        again.settle();
        assertThat(orphan.getMetadata().getDeletionTimestamp()).isNotNull();
        assertThat(again.state("pretrain")).isEqualTo("Pending: is starting");
    }

    @ParameterizedTest(name = "suspend: {0}")
    @CsvSource({"true", "false"})
    void aJobOfAnotherProgramIsLeftAlone(boolean suspend) {
        Job stranger = orphan();
        stranger.getMetadata().getAnnotations().remove(JobLabels.KEYS);
        SimulatedCluster again = cluster.again();
        again.edit(TRIALS, "suspend: " + suspend);
        again.settle();
        assertThat(stranger.getMetadata().getDeletionTimestamp()).isNull();
        assertThat(JobLabels.isControlled(stranger)).isFalse();
    }

    @Test
    void aJobOfTheFormerStoreRunsToItsEndWhenTheOperatorHasAnotherOne() {
        Job old = cluster.job("pretrain");
        Pods.run(Pods.add(cluster.shared, old, -1), cluster.shared.now);
        int created = cluster.shared.everCreated.size();
        Map<String, Manifest> formerCommits = Map.copyOf(cluster.shared.commits);
        cluster.config = storeNamed("elsewhere");
        cluster.shared.commits.clear();
        cluster.restart();
        cluster.settle();
        assertThat(old.getMetadata().getDeletionTimestamp()).isNull();
        assertThat(cluster.shared.everCreated).as("nothing starts beside it").hasSize(created);
        assertThat(cluster.state("pretrain"))
                .isEqualTo("Running: runs as Job " + old.getMetadata().getName()
                        + ", which commits to s3://experiments/moco, but the operator's store is now s3://elsewhere:"
                        + " start the operator with the former one, or suspend this experiment and resume it to begin"
                        + " in the new one");
        assertThat(cluster.state("prepare-imagenet"))
                .isEqualTo("Pending: waits for Job " + old.getMetadata().getName()
                        + ", which commits to s3://experiments/moco");
        cluster.config = SimulatedCluster.CONFIG;
        cluster.shared.commits.putAll(formerCommits);
        cluster.restart();
        cluster.settle();
        assertThat(cluster.state("pretrain")).isEqualTo("Running: runs");
    }

    @Test
    void anExperimentThatIsSuspendedAndResumedBeginsInTheNewStore() {
        Job old = cluster.job("pretrain");
        cluster.config = storeNamed("elsewhere");
        cluster.edit(TRIALS, "suspend: true");
        cluster.settle();
        assertThat(old.getMetadata().getDeletionTimestamp()).isNotNull();
        cluster.shared.jobs.values().remove(old);
        cluster.shared.commits.clear();
        cluster.edit(TRIALS);
        cluster.restart();
        cluster.settle();
        assertThat(cluster.state("prepare-imagenet")).isEqualTo("Pending: is starting");
    }

    private static OperatorConfig storeNamed(String bucket) {
        StoreLocation store = new StoreLocation(bucket, "", null, null, false, true);
        return SimulatedCluster.config(new StoreRules(
                Optional.of(store), Optional.of("s3"), true, List.of(), List.of(new AllowedBucket("s3://datasets"))));
    }

    @ParameterizedTest(name = "of namespace {0}, being deleted: {1}")
    @CsvSource({"other, false, false", "other, true, true", "lab, false, true"})
    void aPodWithoutAJobHoldsAKeyInItsOwnNamespaceAndWhileItIsBeingDeleted(
            String namespace, boolean deleting, boolean holds) {
        Pod pod = Pods.add(cluster.shared, cluster.job("pretrain"), -1);
        Pods.run(pod, cluster.shared.now);
        pod.getMetadata().setNamespace(namespace);
        pod.getMetadata().setOwnerReferences(List.of());
        pod.getMetadata().setDeletionTimestamp(deleting ? cluster.shared.now.toString() : null);
        cluster.shared.jobs.values().removeIf(job -> JobLabels.keys(job).containsKey("pretrain"));
        cluster.settle();
        assertThat(cluster.live("pretrain").isPresent()).isEqualTo(!holds);
    }

    /** The running Job of pretrain, after its resource was deleted without its dependents. */
    private Job orphan() {
        Job job = cluster.job("pretrain");
        Pods.run(Pods.add(cluster.shared, job, -1), cluster.shared.now);
        cluster.shared.jobs.values().forEach(other -> other.getMetadata().setOwnerReferences(List.of()));
        return job;
    }

    @Test
    void whatRunsThoughTheSpecIsRefusedNowCanBeStopped() {
        Job job = cluster.job("pretrain");
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        assertThat(ReconcilePlan.refused(cluster.owner, null, "unknown field", List.of(), now)
                        .terminations())
                .isEmpty();
        ReconcilePlan stopped = ReconcilePlan.refused(cluster.owner, null, "unknown field", List.of(job), now);
        assertThat(stopped.terminations())
                .containsExactly(new Action.Delete(
                        "lab", job.getMetadata().getName(), job.getMetadata().getUid(), "suspended or canceled"));
    }

    private static OwnerReference controller(@Nullable String apiVersion, String kind) {
        return new OwnerReferenceBuilder()
                .withApiVersion(apiVersion)
                .withKind(kind)
                .withName("forged")
                .withUid("uid-other")
                .withController(true)
                .build();
    }
}
