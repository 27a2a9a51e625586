package dev.moco.operator.neighbors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.contract.Stage;
import dev.moco.localcluster.TestCluster;
import dev.moco.localcluster.TestNode;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.manifests.ManifestFiles;
import dev.moco.operator.reconcile.FakeStages;
import dev.moco.operator.reconcile.OperatorFixture;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Experiments through the queue of {@code manifests/examples/kueue}, admitted by Kueue's own controller. */
@Tag("neighbor")
class KueueIT {
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final Duration RUNS = Duration.ofMillis(300);
    private static final String WORKLOADS = "kueue.x-k8s.io/v1beta2";
    private static final String GPU_NODE = "nvidia.com/gpu.present";

    @TempDir
    private static Path folder;

    private static TestCluster cluster;
    private static Kueue kueue;

    private final CountDownLatch firstMayEnd = new CountDownLatch(1);
    private OperatorFixture fixture;
    private FakeStages stages;

    @BeforeAll
    static void install() throws Exception {
        cluster = TestCluster.own();
        kueue = Kueue.start(cluster, folder);
    }

    @AfterAll
    static void end() throws Exception {
        if (kueue != null) {
            kueue.close();
        }
        cluster.close();
    }

    @BeforeEach
    void start() throws Exception {
        fixture = OperatorFixture.of(cluster, "queue");
        stages = new FakeStages(fixture.store());
        fixture.operator();
    }

    @AfterEach
    void stop() throws Exception {
        firstMayEnd.countDown();
        fixture.close();
    }

    @Test
    void aStageWaitsForTheGpusOfTheQueueAndStagesWithoutRunOnNodesWithout() throws Exception {
        queue(32);
        fixture.fakeNode(RUNS, stages);
        // Twice the GPUs of the queue: the quota is what is waited for.
        try (TestNode gpus = cluster.node(fixture.namespace() + "-gpu")
                .resource("nvidia.com/gpu", "16")
                .fake(pod -> is(pod, "pretrain") && is(pod, "moco.dev/experiment", "first"), RUNS, pod -> {
                    awaitLatch(firstMayEnd);
                    return stages.apply(pod);
                })
                .fake(pod -> true, RUNS, stages)
                .start()) {
            cluster.kubectl("label", "node", gpus.name(), GPU_NODE + "=true").orFail();
            cluster.kubectl("taint", "node", gpus.name(), "nvidia.com/gpu=present:NoSchedule")
                    .orFail();
            apply(gpus("first", 1));
            fixture.awaitStatus("first", status -> is(status.stages(), "Running"));
            apply(gpus("second", 2));
            fixture.awaitStatus("second", status -> waits(status.stages()));
            awaitMessage(
                    pretrain("second"), "QuotaReserved", "insufficient unused quota for nvidia.com/gpu in flavor gpu");

            assertThat(pretrain("second").getSpec().getSuspend()).isTrue();
            assertThat(fixture.pods()).filteredOn(pod -> is(pod, "pretrain")).hasSize(1);
            assertThat(nodeOf("prepare")).isEqualTo(fixture.namespace());
            assertThat(nodeOf("pretrain")).isEqualTo(gpus.name());

            firstMayEnd.countDown();
            fixture.awaitCondition("first", "Ready", "True");
            fixture.awaitCondition("second", "Ready", "True");
            assertEveryJobWasAdmitted();
        }
    }

    @Test
    void aPreemptedStageResumesFromItsCheckpointAndSpendsNoRetry() throws Exception {
        queue(2);
        fixture.node();
        priority("low", 1);
        priority("high", 2);
        apply(cpus("low", 200, 1));
        fixture.awaitStatus("low", status -> is(status.stages(), "Running"));
        Job low = pretrain("low");
        Pod preempted = fixture.pods().stream()
                .filter(pod -> is(pod, "pretrain"))
                .findFirst()
                .orElseThrow();
        await().atMost(PATIENCE)
                .until(() -> fixture.store()
                        .progress(Stage.PRETRAIN, FakeStages.task(preempted).key())
                        .filter(progress -> progress.step() > 0)
                        .isPresent());

        apply(cpus("high", 2, 2));
        fixture.awaitStatus("low", status -> waits(status.stages()));
        fixture.awaitCondition("high", "Ready", "True");
        fixture.awaitCondition("low", "Ready", "True");

        assertThat(pretrain("low").getMetadata().getUid())
                .isEqualTo(low.getMetadata().getUid());
        StageStatus pretrain = fixture.stage("low", "pretrain").orElseThrow();
        assertThat(pretrain.userFailures()).isZero();
        assertThat(pretrain.pod()).isNotEqualTo(preempted.getMetadata().getName());
        assertThat(fixture.cluster()
                        .kubectl("logs", "-n", fixture.namespace(), Objects.requireNonNull(pretrain.pod()))
                        .orFail()
                        .out())
                .containsPattern("resuming from the checkpoint of step=[1-9]");
        assertThat(fixture.condition("low", "Stalled")).startsWith("Stalled=False");
        assertEveryJobWasAdmitted();
    }

    @Test
    void aDrainedQueueSuspendsAStageWhichCanBeSuspendedByItsUserToo() throws Exception {
        queue(32);
        fixture.node(node -> node.fake(pod -> is(pod, "pretrain") && firstMayEnd.getCount() > 0, PATIENCE, stages)
                .fake(pod -> true, RUNS, stages));
        apply(cpus("drained", 2, 1));
        fixture.awaitStatus("drained", status -> is(status.stages(), "Running"));

        stopPolicy("HoldAndDrain");
        fixture.awaitStatus("drained", status -> waits(status.stages()));
        assertThat(pretrain("drained").getSpec().getSuspend()).isTrue();

        fixture.patch("drained", "{\"suspend\":true}");
        fixture.awaitCondition("drained", "Suspended", "True");
        await().atMost(PATIENCE).until(() -> fixture.jobs().stream().noneMatch(job -> is(job, "pretrain")));

        fixture.patch("drained", "{\"suspend\":false}");
        fixture.awaitStatus("drained", status -> waits(status.stages()));
        firstMayEnd.countDown();
        stopPolicy("None");
        fixture.awaitCondition("drained", "Ready", "True");
        assertThat(fixture.stage("drained", "pretrain").orElseThrow().userFailures())
                .isZero();
    }

    @Test
    void aQueueWithRoomForSomeTrialsRunsThose() throws Exception {
        queue(4);
        fixture.node(node -> node.fake(pod -> is(pod, "detect"), RUNS, pod -> {
                    awaitLatch(firstMayEnd);
                    return stages.apply(pod);
                })
                .fake(pod -> true, RUNS, stages));
        apply(cpus("trials", 2, 1).replace("trials: 1", "trials: 3"));
        await().atMost(PATIENCE)
                .until(() -> fixture.jobs().stream()
                        .filter(job -> is(job, "detect"))
                        .anyMatch(job -> !job.getSpec().getSuspend()));
        Job detect = fixture.jobs().stream()
                .filter(job -> is(job, "detect"))
                .findFirst()
                .orElseThrow();

        assertThat(detect.getSpec().getCompletions()).isEqualTo(3);
        // Four cores: two trials, or one beside linear classification.
        assertThat(detect.getSpec().getParallelism()).isBetween(1, 2);
        firstMayEnd.countDown();
        fixture.awaitCondition("trials", "Ready", "True");
        assertThat(stages.ran().stream().filter(task -> task.config().stage() == Stage.DETECT))
                .hasSize(3);
    }

    /** Applies the example's objects for this namespace, with a number of cores for stages without a GPU. */
    private void queue(int cpus) throws Exception {
        String objects = ManifestFiles.text(ManifestFiles.ROOT.resolve("examples/kueue/queues.yaml"))
                .replace("experiments", fixture.namespace())
                .replace("{name: cpu, nominalQuota: 32}", "{name: cpu, nominalQuota: " + cpus + "}");
        if (cpus < 32) {
            // Else stages without a GPU would take the cores of nodes with GPUs.
            objects = objects.replace("{name: cpu, nominalQuota: 128}", "{name: cpu, nominalQuota: 0}");
        }
        cluster.kubectlWithInput(objects, "apply", "-f", "-").orFail();
    }

    private void priority(String name, int value) {
        cluster.client()
                .resource(new PriorityClassBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withValue(value)
                        .build())
                .create();
    }

    private void stopPolicy(String policy) throws Exception {
        cluster.kubectl(
                        "patch",
                        "clusterqueue",
                        fixture.namespace(),
                        "--type=merge",
                        "-p",
                        "{\"spec\":{\"stopPolicy\":\"" + policy + "\"}}")
                .orFail();
    }

    private String gpus(String name, int seed) throws Exception {
        return queued(name, 2, seed, "")
                .replace("accelerator: None", "accelerator: nvidia.com/gpu")
                .replace("ranks: 2,", "ranks: 8,");
    }

    /** An experiment of the PriorityClass of its name, where there is one. */
    private String cpus(String name, int epochs, int seed) throws Exception {
        boolean prioritized = name.equals("low") || name.equals("high");
        return queued(name, epochs, seed, prioritized ? ", priorityClassName: " + name : "");
    }

    private String queued(String name, int epochs, int seed, String scheduling) throws Exception {
        return fixture.experiment(name, epochs, "")
                .replace("ranks: 2, queueSize: 32", "ranks: 2, seed: " + seed + ", queueSize: 32")
                .replaceAll("scheduling: .*", "scheduling: {queueName: " + fixture.namespace() + scheduling + "}");
    }

    private void apply(String experiment) throws Exception {
        cluster.kubectlWithInput(experiment, "apply", "-n", fixture.namespace(), "-f", "-")
                .orFail();
    }

    private static boolean is(List<StageStatus> stages, String state) {
        return stages.stream()
                .anyMatch(stage ->
                        stage.name().equals("pretrain") && stage.state().equals(state));
    }

    private boolean waits(List<StageStatus> stages) {
        return stages.stream()
                .anyMatch(stage -> stage.name().equals("pretrain")
                        && stage.state().equals("Pending")
                        && ("waits in the queue " + fixture.namespace()).equals(stage.reason()));
    }

    private static boolean is(Pod pod, String stage) {
        return is(pod, "moco.dev/stage", stage);
    }

    private static boolean is(Pod pod, String label, String value) {
        return value.equals(pod.getMetadata().getLabels().get(label));
    }

    private static boolean is(Job job, String stage) {
        return stage.equals(job.getMetadata().getLabels().get("moco.dev/stage"));
    }

    private Job pretrain(String experiment) {
        return fixture.jobs().stream()
                .filter(job -> is(job, "pretrain")
                        && experiment.equals(job.getMetadata().getLabels().get("moco.dev/experiment")))
                .findFirst()
                .orElseThrow();
    }

    private String nodeOf(String stage) {
        return fixture.pods().stream()
                .filter(pod -> is(pod, stage))
                .findFirst()
                .orElseThrow()
                .getSpec()
                .getNodeName();
    }

    private List<GenericKubernetesResource> workloads(Job job) {
        return cluster
                .client()
                .genericKubernetesResources(WORKLOADS, "Workload")
                .inNamespace(fixture.namespace())
                .list()
                .getItems()
                .stream()
                .filter(workload -> workload.getMetadata().getOwnerReferences().stream()
                        .anyMatch(
                                owner -> owner.getUid().equals(job.getMetadata().getUid())))
                .toList();
    }

    /** {@code status: message} of a condition; empty if there is none. */
    private static String condition(GenericKubernetesResource workload, String type) {
        List<?> conditions = workload.get("status", "conditions");
        return conditions == null
                ? ""
                : conditions.stream()
                        .map(condition -> (Map<?, ?>) condition)
                        .filter(condition -> type.equals(condition.get("type")))
                        .map(condition -> condition.get("status") + ": " + condition.get("message"))
                        .findFirst()
                        .orElse("");
    }

    private void awaitMessage(Job job, String type, String message) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(workloads(job))
                        .extracting(workload -> condition(workload, type))
                        .anyMatch(condition -> condition.contains(message)));
    }

    private void assertEveryJobWasAdmitted() {
        assertThat(fixture.jobs())
                .isNotEmpty()
                .filteredOn(job -> workloads(job).stream()
                        .noneMatch(workload -> condition(workload, "Admitted").startsWith("True")))
                .extracting(job -> job.getMetadata().getName())
                .isEmpty();
    }

    /** Fake stages end on several threads of the node. */
    private static void awaitLatch(CountDownLatch latch) {
        try {
            if (!latch.await(15, TimeUnit.MINUTES)) {
                throw new IllegalStateException("the first was never let go");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
