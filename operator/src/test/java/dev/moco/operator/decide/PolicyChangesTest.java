package dev.moco.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.jobs.JobLabels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of the policy while a Job exists. */
class PolicyChangesTest {
    private static final String NODES = "scheduling: {nodeSelector: {gpu: a100}}";

    @Test
    void moreRetriesReachARunningJob() {
        SimulatedCluster cluster =
                SimulatedCluster.of("failurePolicy: {retries: 0}").until("pretrain");
        run(cluster, "pretrain");
        String uid = cluster.job("pretrain").getMetadata().getUid();
        cluster.edit("failurePolicy: {retries: 3}").settle();
        Job job = cluster.job("pretrain");
        assertThat(job.getMetadata().getUid()).isEqualTo(uid);
        assertThat(job.getSpec().getBackoffLimit()).isEqualTo(3);
        unchanged(cluster);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "scheduling: {nodeSelector: {gpu: a100}}",
                "scheduling: {queueName: gpus}",
                "scheduling: {priorityClassName: low}",
                "scheduling: {tolerations: [{key: gpu}]}",
                "resources: {image: \"registry.example/other:1\"}",
                "resources: {accelerator: None}",
                "resources: {pretrain: {cpu: 3}}",
                "resources: {pretrain: {memory: 3Gi}}",
                "retention: {checkpoints: {everyEpochs: 50}}"
            })
    void aJobWhosePodsWaitIsMadeAnew(String change) {
        SimulatedCluster cluster = SimulatedCluster.of().until("pretrain");
        Job before = cluster.job("pretrain");
        Pods.unschedulable(Pods.add(cluster.shared, before, -1), "0/3 nodes are available");
        cluster.edit(change).settle();
        assertThat(cluster.state("pretrain")).startsWith("Stopping");
        gone(cluster, before);
        cluster.settle();
        Job after = cluster.job("pretrain");
        assertThat(after.getMetadata().getUid())
                .isNotEqualTo(before.getMetadata().getUid());
        assertThat(after.getMetadata().getName()).isEqualTo(before.getMetadata().getName());
        assertThat(policy(after)).isNotEqualTo(policy(before));
        assertThat(cluster.state("pretrain")).startsWith("Pending: ");
    }

    @Test
    void aRunningJobKeepsItsPods() {
        SimulatedCluster cluster = SimulatedCluster.of().until("pretrain");
        Pod pod = run(cluster, "pretrain");
        Job before = cluster.job("pretrain");
        cluster.edit(NODES).settle();
        assertThat(cluster.job("pretrain")).isEqualTo(before);
        // Nor after its pod was lost: the checkpoint of a pod that ran is worth its place.
        Pods.end(pod, 75, "", cluster.shared.now);
        Pods.add(cluster.shared, before, -1);
        cluster.settle();
        assertThat(cluster.job("pretrain")).isEqualTo(before);
    }

    @Test
    void suspendingAndResumingAppliesTheChangeToARunningJob() {
        SimulatedCluster cluster = SimulatedCluster.of().until("pretrain");
        run(cluster, "pretrain");
        Job before = cluster.job("pretrain");
        cluster.edit(NODES, "suspend: true").settle();
        gone(cluster, before);
        cluster.edit(NODES).settle();
        assertThat(cluster.job("pretrain").getSpec().getTemplate().getSpec().getNodeSelector())
                .containsEntry("gpu", "a100");
    }

    @Test
    void trialsThatWaitGetTheirRetriesByANewJob() {
        SimulatedCluster cluster = SimulatedCluster.of("detection: {trials: 3}").until("detect-0");
        Job before = cluster.job("detect-0");
        for (int index = 0; index < 3; index++) {
            Pods.add(cluster.shared, before, index);
        }
        cluster.edit("detection: {trials: 3}", "failurePolicy: {retries: 7}").settle();
        gone(cluster, before);
        cluster.settle();
        assertThat(cluster.job("detect-0").getSpec().getBackoffLimitPerIndex()).isEqualTo(7);
        assertThat(JobLabels.keys(cluster.job("detect-0"))).isEqualTo(JobLabels.keys(before));
    }

    @Test
    void aQueueMayChangeAJobAndNobodyWritesAgainstIt() {
        SimulatedCluster cluster =
                SimulatedCluster.of("scheduling: {queueName: gpus}").until("pretrain");
        replace(
                cluster,
                cluster.job("pretrain"),
                new JobBuilder(cluster.job("pretrain"))
                        .editSpec()
                        .withSuspend(false)
                        .withBackoffLimit(9)
                        .withTtlSecondsAfterFinished(9)
                        .editTemplate()
                        .editSpec()
                        .addToNodeSelector("flavor", "gpu")
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build());
        unchanged(cluster);
    }

    @Test
    void aJobOfAnEarlierOperatorIsLeftAsItIsUntilTheSpecChanges() {
        SimulatedCluster cluster = SimulatedCluster.of().until("pretrain");
        Job job = cluster.job("pretrain");
        replace(
                cluster,
                job,
                new JobBuilder(job)
                        .editMetadata()
                        .removeFromAnnotations(JobLabels.RETRIES)
                        .removeFromAnnotations(JobLabels.POD_POLICY)
                        .endMetadata()
                        .build());
        unchanged(cluster);
        cluster.edit("failurePolicy: {retries: 7}").settle();
        assertThat(cluster.job("pretrain").getSpec().getBackoffLimit()).isEqualTo(7);
    }

    @Test
    void nothingIsMadeAnewWhileTheStoreHasAProblem() {
        SimulatedCluster cluster = SimulatedCluster.of().until("pretrain");
        cluster.problem = Optional.of("no route to host");
        assertThat(ReconcilePlan.of(cluster.edit(NODES).input()).terminations()).isEmpty();
    }

    private static Pod run(SimulatedCluster cluster, String task) {
        Pod pod = Pods.add(cluster.shared, cluster.job(task), -1);
        Pods.run(pod, cluster.shared.now);
        cluster.settle();
        return pod;
    }

    private static void replace(SimulatedCluster cluster, Job old, Job by) {
        cluster.shared.jobs.put(
                old.getMetadata().getNamespace() + "/" + old.getMetadata().getName(), by);
    }

    /** The garbage collector deletes a Job in the foreground after its pods. */
    private static void gone(SimulatedCluster cluster, Job job) {
        assertThat(cluster.shared.jobs.values())
                .filteredOn(found ->
                        found.getMetadata().getUid().equals(job.getMetadata().getUid()))
                .allSatisfy(found ->
                        assertThat(found.getMetadata().getDeletionTimestamp()).isNotNull());
        cluster.shared.pods.removeIf(
                pod -> JobLabels.isOwnedBy(pod, job.getMetadata().getUid()));
        cluster.shared
                .jobs
                .values()
                .removeIf(found ->
                        found.getMetadata().getUid().equals(job.getMetadata().getUid()));
    }

    private static void unchanged(SimulatedCluster cluster) {
        ReconcilePlan plan = ReconcilePlan.of(cluster.input());
        assertThat(plan.terminations()).isEmpty();
        assertThat(plan.patches()).isEmpty();
    }

    private static String policy(Job job) {
        return JobLabels.annotation(job, JobLabels.POD_POLICY).orElseThrow();
    }
}
