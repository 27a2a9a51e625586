package dev.moco.operator.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Architecture;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainMethod;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CapacityTest {
    private static final DetectConfig SMALL = detect(2, 400);
    private static final DetectConfig FULL = detect(16, 800);

    private static DetectConfig detect(int images, int side) {
        return new DetectConfig(
                Architecture.RESNET50,
                new DetectConfig.Input(List.of(side), side, side * 5 / 3),
                new DetectConfig.Anchors(List.of(32, 64, 128, 256, 512), List.of(0.5, 1.0, 2.0)),
                new DetectConfig.Proposals(256, 0.5, 12_000, 2000, 6000, 1000, 0.7),
                new DetectConfig.Regions(512, 0.25, 14, 0.05, 0.5, 100),
                new DetectConfig.Solver(24_000, images, 1, 0.02, 0.9, 1e-4, List.of(18_000), 100, 0.001),
                200,
                Precision.BFLOAT16,
                0);
    }

    private static Capacity host(int cores, long memoryMib) {
        return new Capacity(cores, memoryMib, List.of());
    }

    @Test
    void theMemoryOfAGpuIsNotThatOfItsHost() {
        // The steps of FULL need 23 GiB, SMALL's 3 GiB.
        assertThat(host(16, 16_000).fits(SMALL, List.of(FULL))).isFalse();
        assertThat(new Capacity(16, 16_000, List.of(140_000L)).threads(FULL)).isEqualTo(8);
        assertThat(new Capacity(16, 16_000, List.of(140_000L)).fits(FULL, List.of(FULL)))
                .isTrue();
        assertThat(new Capacity(16, 16_000, List.of(81_000L)).fits(FULL, List.of(FULL, FULL)))
                .isFalse();
        assertThat(new Capacity(16, 16_000, List.of(24_000L)).threads(FULL)).isEqualTo(16);
        assertThat(new Capacity(16, 16_000, List.of(24_000L)).fits(SMALL, List.of(FULL)))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            value = {"'81559\n81559\n'; 81559 81559", "' 24564 \n'; 24564", "'[N/A]\n'; ''", "''; ''"},
            delimiter = ';')
    void everyGpuCounts(String output, String mib) {
        assertThat(LocalGpu.memories(output).stream().map(String::valueOf).collect(Collectors.joining(" ")))
                .isEqualTo(mib);
        assertThat(LocalGpu.memoryMib(Map.of())).isEmpty();
    }

    /** Pre-training has a process on each GPU, and SimCLR's keeps the activations of its share of the batch. */
    @Test
    void simClrIsDividedAmongTheGpus() {
        PretrainConfig simClr = new PretrainConfig(
                Architecture.RESNET50,
                PretrainConfig.Head.BATCH_NORM_MLP,
                128,
                224,
                PretrainConfig.Augmentation.SIMCLR,
                200,
                1024,
                8,
                new PretrainConfig.Contrast(0, 0.1, 0),
                new Optimizer(1.2, 0.9, 1e-6, Optimizer.Schedule.COSINE_BY_STEP, List.of()),
                Precision.FLOAT32,
                0,
                new PretrainMethod.SimClr(1));
        assertThat(new Capacity(16, 64_000, List.of(81_000L)).need(simClr).deviceMib())
                .isGreaterThan(150_000);
        assertThat(new Capacity(16, 64_000, Collections.nCopies(8, 81_000L))
                        .need(simClr)
                        .deviceMib())
                .isBetween(20_000L, 40_000L);
    }

    @Test
    void twoTasksShareTheCoresUnlessOneNeedsMostOfTheMemory() {
        Capacity capacity = host(16, 32_000);
        assertThat(capacity.threads(SMALL)).isEqualTo(8);
        assertThat(capacity.threads(FULL)).isEqualTo(16);
        assertThat(host(16, 128_000).threads(FULL)).isEqualTo(8);
        assertThat(host(1, 32_000).threads(SMALL)).isEqualTo(1);
    }

    @Test
    void aTaskStartsBesideOthersWhereCoresAndMemorySuffice() {
        Capacity capacity = host(16, 32_000);
        assertThat(capacity.fits(SMALL, List.of(SMALL))).isTrue();
        assertThat(capacity.fits(SMALL, List.of(SMALL, SMALL))).isFalse();
        assertThat(capacity.fits(SMALL, List.of(FULL))).isFalse();
        assertThat(host(16, 60_000).fits(FULL, List.of(FULL))).isTrue();
        assertThat(host(16, 40_000).fits(FULL, List.of(FULL))).isFalse();
    }

    @Test
    void aTaskAloneAlwaysStarts() {
        assertThat(host(2, 1000).fits(FULL, List.of())).isTrue();
    }
}
