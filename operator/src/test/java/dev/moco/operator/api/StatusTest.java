package dev.moco.operator.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import dev.moco.operator.api.MoCoExperimentStatus.Metric;
import dev.moco.operator.api.MoCoExperimentStatus.Result;
import dev.moco.operator.api.MoCoExperimentStatus.Summary;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusTest {
    private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();

    @Test
    void emptyFieldsAreOmittedAndReadBackAsEmpty() {
        MoCoExperimentStatus status = new MoCoExperimentStatus(
                1L,
                List.of(new Condition("Stalled", "False", "NoFailure", "", "2026-01-01T00:00:00Z", 1L)),
                List.of(),
                Summary.EMPTY,
                List.of(new Result("linear top-1", "67.5", "", "", "67.5", "")),
                List.of(Metric.of("linear.top1.last", 67.5, "%")),
                null,
                null,
                List.of(),
                null,
                null,
                null,
                null);
        String wire = KUBERNETES.asJson(status);
        assertThat(wire).doesNotContain("\"\"").doesNotContain("null");
        // Otherwise every reconcile would find a difference and write it.
        assertThat(KUBERNETES.unmarshal(wire, MoCoExperimentStatus.class)).isEqualTo(status);
    }
}
