package dev.moco.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.report.StatusReport;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** No text of a status that comes from outside has a line break or a control character. */
class HostileTextTest {
    private static final String HOSTILE = "no \u001b[2Jroom\n\u009b31mReady True\u202e\u2028";
    private static final String SHOWN = "no ?[2Jroom; ?31mReady True?";

    @Test
    void theStoresMessage() {
        SimulatedCluster cluster = SimulatedCluster.of();
        cluster.problem = Optional.of(HOSTILE);
        cluster.settle();
        assertPrintable(cluster.status);
        assertThat(text(cluster.status)).contains(SHOWN);
    }

    @Test
    void theTerminationMessageOfAPod() {
        fromPod(pod -> Pods.end(pod, 1, HOSTILE, Instant.EPOCH));
    }

    @Test
    void theMessageOfTheScheduler() {
        fromPod(pod -> Pods.unschedulable(pod, HOSTILE));
    }

    @Test
    void theMessageOfTheKubelet() {
        fromPod(pod -> Pods.waiting(pod, "ImagePullBackOff", HOSTILE));
    }

    @Test
    void aProblemOfTheSpec() {
        MoCoExperimentStatus status = StatusReport.invalid(null, 1, HOSTILE, Instant.EPOCH);
        assertPrintable(status);
        assertThat(text(status)).contains(SHOWN);
    }

    private static void fromPod(Consumer<Pod> happens) {
        SimulatedCluster cluster = SimulatedCluster.of().until("pretrain");
        Job job = cluster.job("pretrain");
        happens.accept(Pods.add(cluster.shared, job, -1));
        cluster.settle();
        assertPrintable(cluster.status);
        assertThat(cluster.state("pretrain")).contains(SHOWN);
    }

    private static String text(@Nullable MoCoExperimentStatus status) {
        return new JsonMapper().valueToTree(Objects.requireNonNull(status)).toString();
    }

    private static void assertPrintable(@Nullable MoCoExperimentStatus status) {
        assertPrintable(new JsonMapper().<JsonNode>valueToTree(Objects.requireNonNull(status)));
    }

    private static void assertPrintable(JsonNode node) {
        if (node.isTextual()) {
            assertThat(node.textValue()).doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");
        }
        node.forEach(HostileTextTest::assertPrintable);
    }
}
