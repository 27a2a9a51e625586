package dev.moco.training.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.moco.contract.StageFailure;
import dev.moco.contract.StepCost;
import dev.moco.training.collectives.Collectives;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepCostMeterTest {
    private static final long MILLI = 1_000_000;

    @TempDir
    private Path folder;

    private final AtomicLong clock = new AtomicLong();
    private final StepCostMeter meter = meter();

    private StepCostMeter meter() {
        return new StepCostMeter("CPU", OptionalLong::empty, clock::get);
    }

    private void step(StepCostMeter of, long millis, long waitMillis) {
        clock.addAndGet(millis * MILLI);
        of.trained(waitMillis * MILLI);
    }

    @Test
    void monitorsAreExcludedAndLoadingIsNot() {
        step(meter, 10, 4);
        clock.addAndGet(5_000 * MILLI);
        meter.resume();
        step(meter, 30, 4);
        step(meter, 20, 4);
        StepCost cost = meter.total(Collectives.ALONE);
        assertThat(cost.device()).isEqualTo("CPU");
        assertThat(cost.devices()).isEqualTo(1);
        assertThat(cost.steps()).isEqualTo(3);
        assertThat(cost.seconds()).isCloseTo(0.06, within(1e-9));
        assertThat(cost.stepSeconds()).isCloseTo(0.02, within(1e-9));
        assertThat(cost.loaderWaitShare()).isCloseTo(0.2, within(1e-9));
        assertThat(cost.memoryProcess()).isPositive();
        assertThat(cost.memoryAllocatedPeak()).isNull();
        assertThat(cost.memoryReservedPeak()).isNull();
    }

    @Test
    void aRunThatGoesOnHasTheCostsOfTheRunBefore() throws IOException {
        for (int i = 0; i < StepCosts.NEWEST + 100; i++) {
            step(meter, 10, 1);
        }
        meter.write(folder);
        StepCostMeter later = meter();
        later.read(folder);
        step(later, 40, 1);
        StepCost cost = later.total(Collectives.ALONE);
        assertThat(cost.steps()).isEqualTo(StepCosts.NEWEST + 101);
        assertThat(cost.seconds()).isCloseTo((StepCosts.NEWEST + 100) * 0.01 + 0.04, within(1e-9));
        assertThat(cost.stepSeconds()).isCloseTo(0.01, within(1e-9));
        assertThat(Files.size(folder.resolve("costs.json"))).isLessThan(1 << 16);
    }

    @Test
    void aCheckpointOfAnOlderProgramHasNoCosts() throws IOException {
        meter.read(folder);
        assertThat(meter.total(Collectives.ALONE).steps()).isZero();
        Files.writeString(folder.resolve("costs.json"), "{");
        assertThatThrownBy(() -> meter.read(folder))
                .isInstanceOf(StageFailure.class)
                .hasMessageContaining("costs.json");
    }

    @Test
    void theMemoryOfTheGpuIsTheLargestThatWasRead() throws IOException {
        AtomicLong inUse = new AtomicLong(5L << 30);
        StepCostMeter ofGpu = new StepCostMeter("NVIDIA H100", () -> OptionalLong.of(inUse.get()), clock::get);
        step(ofGpu, 10, 0);
        assertThat(ofGpu.total(Collectives.ALONE).memoryReservedPeak()).isNull();
        for (int i = 0; i < 10; i++) {
            step(ofGpu, 10, 0);
        }
        ofGpu.write(folder);
        inUse.set(4L << 30);
        for (int i = 0; i < 200; i++) {
            step(ofGpu, 10, 0);
        }
        assertThat(ofGpu.total(Collectives.ALONE).memoryReservedPeak()).isEqualTo(5L << 30);
        meter.read(folder);
        assertThat(meter.total(Collectives.ALONE).memoryReservedPeak()).isEqualTo(5L << 30);
    }

    @Test
    void memoryIsTheLargestOfAllProcessesAndTimesAreOfTheWriter() {
        step(meter, 10, 1);
        StepCost cost = meter.total(with(new double[] {2e9, 1e15}, new double[] {3e9, 1e9}));
        assertThat(cost.devices()).isEqualTo(3);
        assertThat(cost.memoryProcess()).isEqualTo(1_000_000_000_000_000L);
        assertThat(cost.memoryReservedPeak()).as("not known of this process").isNull();
        assertThat(cost.seconds()).isCloseTo(0.01, within(1e-9));
    }

    /** Collectives that exchange numbers with two other processes. */
    private static Collectives with(double[] second, double[] third) {
        return (Collectives) Proxy.newProxyInstance(
                Collectives.class.getClassLoader(), new Class<?>[] {Collectives.class}, (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("agree");
                    return new double[][] {(double[]) arguments[0], second, third};
                });
    }
}
