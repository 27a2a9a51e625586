package dev.moco.operator.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Architecture;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.PretrainMethod;
import dev.moco.operator.local.Capacity.Placed;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CapacityTest {
    private static final DetectConfig SMALL = detect(2, 400);
    private static final DetectConfig FULL = detect(16, 800);

    private static DetectConfig detect(int images, int side) {
        return detect(images, side, 1);
    }

    private static DetectConfig detect(int images, int side, int ranks) {
        return new DetectConfig(
                Architecture.RESNET50,
                new DetectConfig.Input(List.of(side), side, side * 5 / 3),
                new DetectConfig.Anchors(List.of(32, 64, 128, 256, 512), List.of(0.5, 1.0, 2.0)),
                new DetectConfig.Proposals(256, 0.5, 12_000, 2000, 6000, 1000, 0.7),
                new DetectConfig.Regions(512, 0.25, 14, 0.05, 0.5, 100),
                new DetectConfig.Solver(24_000, images, ranks, 0.02, 0.9, 1e-4, List.of(18_000), 100, 0.001),
                200,
                Precision.BFLOAT16,
                0);
    }

    private static final PretrainConfig PRETRAIN = new PretrainConfig(
            Architecture.RESNET50,
            Head.MLP,
            128,
            224,
            Augmentation.AUG_PLUS,
            200,
            256,
            8,
            new Contrast(65_536, 0.2, 0.999),
            new Optimizer(0.03, 0.9, 1e-4, Optimizer.Schedule.COSINE, List.of()),
            Precision.FLOAT32,
            0);

    private static Capacity host(int cores, long memoryMib) {
        return new Capacity(cores, memoryMib, 0, 0, OptionalInt.empty());
    }

    private static Capacity gpus(int cores, int gpus, long gpuMib) {
        return new Capacity(cores, 100_000, gpus, gpuMib, OptionalInt.empty());
    }

    private static boolean fits(Capacity capacity, DetectConfig config, List<DetectConfig> running) {
        List<Placed> placed = running.stream()
                .map(other -> new Placed(other, capacity.gpus() > 0 ? List.of(0) : List.of()))
                .toList();
        return capacity.place(config, placed).isPresent();
    }

    @Test
    void theMemoryOfAGpuIsNotThatOfItsHost() {
        // The steps of FULL need 23 GiB, SMALL's 3 GiB.
        assertThat(fits(host(16, 16_000), SMALL, List.of(FULL))).isFalse();
        Capacity large = new Capacity(16, 16_000, 1, 140_000, OptionalInt.empty());
        assertThat(large.threads(FULL)).isEqualTo(8);
        assertThat(fits(large, FULL, List.of(FULL))).isTrue();
        assertThat(fits(gpus(16, 1, 81_000), FULL, List.of(FULL, FULL))).isFalse();
        assertThat(gpus(16, 1, 24_000).threads(FULL)).isEqualTo(16);
        assertThat(fits(gpus(16, 1, 24_000), SMALL, List.of(FULL))).isFalse();
    }

    @Test
    void trialsRunSideBySideOnGpusOfTheirOwn() {
        Capacity four = gpus(32, 4, 30_000);
        assertThat(four.threads(FULL)).isEqualTo(8);
        List<Placed> running = new ArrayList<>();
        for (int gpu = 0; gpu < 4; gpu++) {
            List<Integer> place = four.place(FULL, running).orElseThrow();
            assertThat(place).containsExactly(gpu);
            running.add(new Placed(FULL, place));
        }
        assertThat(four.place(FULL, running)).isEmpty();
        running.remove(2);
        assertThat(four.place(FULL, running)).contains(List.of(2));
    }

    @ParameterizedTest(name = "{0} GPUs, {1} chosen: {2} of a trial, {3} trials at once")
    @CsvSource({"8, , 1, 8", "8, 2, 2, 4", "8, 8, 8, 1", "8, 3, 2, 4", "2, 2, 2, 1", "6, 4, 4, 1"})
    void aTrialTakesSeveralGpusOnlyWherePersonsAskForThem(int gpus, @Nullable Integer chosen, int devices, int atOnce) {
        DetectConfig paper = detect(16, 800, 8);
        OptionalInt asked = chosen == null ? OptionalInt.empty() : OptionalInt.of(chosen);
        Capacity capacity = new Capacity(32, 200_000, gpus, 30_000, asked);
        assertThat(capacity.devices(paper)).isEqualTo(devices);
        List<Placed> running = new ArrayList<>();
        Set<Integer> taken = new HashSet<>();
        for (Optional<List<Integer>> place = capacity.place(paper, running);
                place.isPresent();
                place = capacity.place(paper, running)) {
            assertThat(place.get()).hasSize(devices);
            taken.addAll(place.get());
            running.add(new Placed(paper, place.get()));
        }
        assertThat(running).hasSize(atOnce);
        assertThat(taken).hasSize(atOnce * devices);
    }

    @Test
    void preTrainingTakesAllGpusThatDivideItsRanksAndAllCores() {
        assertThat(gpus(32, 8, 30_000).place(PRETRAIN, List.of())).contains(List.of(0, 1, 2, 3, 4, 5, 6, 7));
        Capacity six = gpus(32, 6, 30_000);
        assertThat(six.devices(PRETRAIN)).isEqualTo(4);
        assertThat(six.threads(PRETRAIN)).isEqualTo(32);
        assertThat(six.place(PRETRAIN, List.of(new Placed(SMALL, List.of(0))))).isEmpty();
        assertThat(six.devices(FULL)).isEqualTo(1);
        Capacity chosen = new Capacity(32, 100_000, 8, 30_000, OptionalInt.of(2));
        assertThat(chosen.devices(PRETRAIN)).isEqualTo(2);
        assertThat(new Capacity(32, 100_000, 0, 0, OptionalInt.of(2)).devices(PRETRAIN))
                .isEqualTo(2);
        assertThat(host(32, 100_000).devices(PRETRAIN)).isEqualTo(1);
    }

    @Test
    void preTrainingsOnAPartOfTheGpusRunSideBySide() {
        Capacity capacity = new Capacity(32, 200_000, 8, 81_000, OptionalInt.of(2));
        assertThat(capacity.threads(PRETRAIN)).isEqualTo(8);
        List<Placed> running = new ArrayList<>();
        Set<Integer> taken = new HashSet<>();
        for (Optional<List<Integer>> place = capacity.place(PRETRAIN, running);
                place.isPresent();
                place = capacity.place(PRETRAIN, running)) {
            taken.addAll(place.get());
            running.add(new Placed(PRETRAIN, place.get()));
        }
        assertThat(running).hasSize(4);
        assertThat(taken).hasSize(8);
        Capacity cpu = new Capacity(32, 200_000, 0, 0, OptionalInt.of(2));
        assertThat(cpu.threads(PRETRAIN)).as("sums depend on it").isEqualTo(32);
        assertThat(cpu.place(PRETRAIN, List.of(new Placed(PRETRAIN, List.of()))))
                .isEmpty();
    }

    /** Each process of SimCLR keeps the activations of its share of the batch. */
    @Test
    void simClrIsDividedAmongTheGpus() {
        PretrainConfig simClr = new PretrainConfig(
                Architecture.RESNET50,
                Head.BATCH_NORM_MLP,
                128,
                224,
                Augmentation.SIMCLR,
                200,
                1024,
                8,
                new Contrast(0, 0.1, 0),
                new Optimizer(1.2, 0.9, 1e-6, Optimizer.Schedule.COSINE_BY_STEP, List.of()),
                Precision.FLOAT32,
                0,
                new PretrainMethod.SimClr(1));
        assertThat(gpus(16, 1, 81_000).need(simClr).deviceMib()).isGreaterThan(150_000);
        assertThat(gpus(16, 8, 81_000).need(simClr).deviceMib()).isBetween(20_000L, 40_000L);
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
        assertThat(fits(capacity, SMALL, List.of(SMALL))).isTrue();
        assertThat(fits(capacity, SMALL, List.of(SMALL, SMALL))).isFalse();
        assertThat(fits(capacity, SMALL, List.of(FULL))).isFalse();
        assertThat(fits(host(16, 60_000), FULL, List.of(FULL))).isTrue();
        assertThat(fits(host(16, 40_000), FULL, List.of(FULL))).isFalse();
    }

    @Test
    void aTaskAloneAlwaysStarts() {
        assertThat(fits(host(2, 1000), FULL, List.of())).isTrue();
    }
}
