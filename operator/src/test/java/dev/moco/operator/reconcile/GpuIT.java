package dev.moco.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two experiments that each request all GPUs of the only node with GPUs, one for each rank; pods are faked. */
class GpuIT {
    private static final Duration RUNS = Duration.ofMillis(300);

    private final CountDownLatch firstMayEnd = new CountDownLatch(1);
    private OperatorFixture fixture;

    @BeforeEach
    void start() throws Exception {
        fixture = OperatorFixture.of("gpu");
        FakeStages stages = new FakeStages(fixture.store());
        fixture.node(node -> node.resource("nvidia.com/gpu", "2")
                .fake(GpuIT::isPretrainOfFirst, RUNS, pod -> {
                    await(firstMayEnd);
                    return stages.apply(pod);
                })
                .fake(pod -> true, RUNS, stages));
        fixture.operator();
    }

    @AfterEach
    void stop() throws Exception {
        firstMayEnd.countDown();
        fixture.close();
    }

    @Test
    void theSecondExperimentWaitsForTheGpusOfTheFirst() throws Exception {
        apply("first", 1);
        fixture.awaitStatus("first", status -> is(status, "Running"));
        apply("second", 2);
        fixture.awaitStatus(
                "second", status -> is(status, "Pending") && reason(status).contains("gpu"));

        MoCoExperimentStatus waits = fixture.status("second").orElseThrow();
        // Nodes of other tests may be counted too.
        assertThat(reason(waits))
                .matches("0/[0-9]+ nodes are available: .*1 Insufficient nvidia.com/gpu.*")
                .doesNotContain("preemption");
        assertThat(waits.summary().reason()).isEqualTo("pretrain: " + reason(waits));
        assertThat(fixture.condition("second", "Stalled")).startsWith("Stalled=False");
        fixture.awaitEvent(
                "second",
                event -> event.startsWith("Warning StageWaiting: pretrain: 0/")
                        && event.contains("Insufficient nvidia.com/gpu"));
        assertThat(fixture.cluster()
                        .kubectl("get", "moco", "second", "-n", fixture.namespace(), "-o", "wide")
                        .orFail()
                        .out())
                .contains("Insufficient nvidia.com/gpu");
        assertThat(fixture.pods())
                .filteredOn(GpuIT::isPretrain)
                .hasSize(2)
                .allSatisfy(pod -> assertThat(pod.getSpec()
                                .getContainers()
                                .get(0)
                                .getResources()
                                .getLimits())
                        .containsEntry("nvidia.com/gpu", new Quantity("2")));
        assertThat(is(fixture.status("first").orElseThrow(), "Running")).isTrue();

        firstMayEnd.countDown();
        fixture.awaitCondition("first", "Ready", "True");
        fixture.awaitCondition("second", "Ready", "True");
        assertThat(fixture.status("second").orElseThrow().summary().reason()).isEmpty();
    }

    private void apply(String name, int seed) throws Exception {
        String experiment = fixture.experiment(name, "")
                .replace("ranks: 2, queueSize: 32", "ranks: 2, seed: " + seed + ", queueSize: 32")
                .replace("accelerator: None", "accelerator: nvidia.com/gpu");
        fixture.cluster()
                .kubectlWithInput(experiment, "apply", "-n", fixture.namespace(), "-f", "-")
                .orFail();
    }

    /** Fake stages end on several threads of the node. */
    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(15, TimeUnit.MINUTES)) {
                throw new IllegalStateException("the first was never let go");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isPretrain(Pod pod) {
        return "pretrain".equals(pod.getMetadata().getLabels().get("moco.dev/stage"));
    }

    private static boolean isPretrainOfFirst(Pod pod) {
        return isPretrain(pod) && "first".equals(pod.getMetadata().getLabels().get("moco.dev/experiment"));
    }

    private static boolean is(MoCoExperimentStatus status, String state) {
        return status.stages().stream()
                .anyMatch(stage -> isPretrain(stage) && stage.state().equals(state));
    }

    private static String reason(MoCoExperimentStatus status) {
        return status.stages().stream()
                .filter(GpuIT::isPretrain)
                .map(StageStatus::reason)
                .findFirst()
                .orElse("");
    }

    private static boolean isPretrain(StageStatus stage) {
        return stage.name().equals("pretrain");
    }
}
