package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PlanCostTest {
    @Test
    void gpuHoursAreCountedAndPriced() {
        List<PlanLine> lines = List.of(line(7200.0, 16.0), line(3600.0, 1.0), line(null, null));
        assertThat(PlanCost.of(lines, null).text()).hasValue("That is 17.0 GPU-hours.");
        assertThat(PlanCost.of(lines, 2.5).text()).hasValue("That is 17.0 GPU-hours, 42.50 at 2.50 each.");
    }

    @Test
    void withoutAGpuTheHoursOfTheMachineArePriced() {
        List<PlanLine> lines = List.of(line(5400.0, null));
        assertThat(PlanCost.of(lines, null).text()).isEmpty();
        assertThat(PlanCost.of(lines, 0.4).text()).hasValue("That is 1.5 hours of this machine, 0.60 at 0.40 each.");
        assertThat(PlanCost.of(List.of(line(null, null)), 0.4).text()).isEmpty();
    }

    private static PlanLine line(@Nullable Double seconds, @Nullable Double gpuHours) {
        return new PlanLine("a", "pretrain", "Run", null, "", null, null, null, null, seconds, gpuHours, null, null);
    }
}
