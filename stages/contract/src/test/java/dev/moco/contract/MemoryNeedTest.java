package dev.moco.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryNeedTest {
    private static final int THREADS = 2;
    private static final MemoryNeed.Setting CPU = MemoryNeed.Setting.of(THREADS, false);
    private static final MemoryNeed.Setting GPU = MemoryNeed.Setting.of(THREADS, true);

    private static PretrainConfig pretrain(
            Architecture architecture, int size, int batch, int ranks, int queue, Precision precision) {
        return new PretrainConfig(
                architecture,
                Head.MLP,
                128,
                size,
                Augmentation.AUG_PLUS,
                200,
                batch,
                ranks,
                new Contrast(queue, 0.2, 0.999),
                new Optimizer(0.03, 0.9, 1e-4, Optimizer.Schedule.COSINE, List.of()),
                precision,
                0);
    }

    private static DetectConfig detect(int images, int low, int high, Precision precision) {
        return detect(images, low, high, 1, precision);
    }

    private static DetectConfig detect(int images, int low, int high, int ranks, Precision precision) {
        return new DetectConfig(
                Architecture.RESNET50,
                new DetectConfig.Input(List.of(low / 2, low), low, high),
                new DetectConfig.Anchors(List.of(32, 64, 128, 256, 512), List.of(0.5, 1.0, 2.0)),
                new DetectConfig.Proposals(256, 0.5, 12_000, 2000, 6000, 1000, 0.7),
                new DetectConfig.Regions(512, 0.25, 14, 0.05, 0.5, 100),
                new DetectConfig.Solver(24_000, images, ranks, 0.02, 0.9, 1e-4, List.of(18_000, 22_000), 100, 0.001),
                200,
                precision,
                0);
    }

    /** Peaks of {@code moco bench step} on two threads. */
    @ParameterizedTest
    @CsvSource({
        "RESNET50, 224, 32, 1, 65536, FLOAT32, 3673",
        "RESNET50, 224, 32, 1, 65536, BFLOAT16, 2633",
        "RESNET50, 224, 16, 1, 65536, FLOAT32, 2549",
        "RESNET50, 224, 16, 1, 65536, BFLOAT16, 1711",
        "RESNET50, 224, 8, 1, 65536, FLOAT32, 1653",
        "RESNET50, 224, 64, 1, 65536, FLOAT32, 5792",
        "RESNET18, 224, 32, 1, 65536, FLOAT32, 1665",
        "RESNET101, 224, 16, 1, 65536, FLOAT32, 3649",
        "RESNET10W16, 32, 256, 1, 4096, FLOAT32, 419",
        "RESNET18, 64, 128, 1, 4096, FLOAT32, 924",
    })
    void stepsOfPretrainingNeedWhatWasMeasured(
            Architecture architecture, int size, int batch, int ranks, int queue, Precision precision, long measured) {
        PretrainConfig config = pretrain(architecture, size, batch, ranks, queue, precision);
        assertThat(MemoryNeed.ofSteps(config, THREADS)).isBetween(measured * 88 / 100, measured * 115 / 100);
    }

    @Test
    void ranksThatTakeTurnsNeedTheMemoryOfOne() {
        long eight = cpu(pretrain(Architecture.RESNET50, 224, 256, 8, 65_536, Precision.FLOAT32));
        long one = cpu(pretrain(Architecture.RESNET50, 224, 32, 1, 65_536, Precision.FLOAT32));
        assertThat(eight - one).isBetween(0L, 300L);
    }

    @Test
    void whatDoesNotFitIsRefusedWithTheFigure() {
        DetectConfig full = detect(16, 800, 1333, Precision.FLOAT32);
        assertThatThrownBy(() -> MemoryNeed.check("detect-0", full, CPU, 24_000, OptionalLong.empty()))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessageMatching("detect-0 needs about [34]\\d{4} MiB of memory, there are 24000 MiB; less is needed"
                        + " with bfloat16, smaller images, a smaller batchSize, or more GPUs, which must divide ranks");
        DetectConfig small = detect(2, 800, 1333, Precision.FLOAT32);
        assertThatCode(() -> MemoryNeed.check("detect-0", small, CPU, 24_000, OptionalLong.empty()))
                .doesNotThrowAnyException();
    }

    @Test
    void theMemoryOfAGpuAndOfItsHostAreTwoThings() {
        DetectConfig full = detect(16, 800, 1333, Precision.FLOAT32);
        MemoryNeed onGpu = MemoryNeed.of(full, GPU);
        assertThat(MemoryNeed.of(full, CPU).deviceMib()).isZero();
        assertThat(onGpu.deviceMib()).isBetween(30_000L, 50_000L);
        assertThat(onGpu.hostMib()).isBetween(3_000L, 6_000L);
        // A pod of 16 GiB with a GPU of 80 GiB, and one of 24 GiB.
        assertThatCode(() -> MemoryNeed.check("detect-0", full, GPU, 16_384, OptionalLong.of(81_559)))
                .doesNotThrowAnyException();
        assertThatCode(() -> MemoryNeed.check("detect-0", full, GPU, 16_384, OptionalLong.empty()))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> MemoryNeed.check("detect-0", full, GPU, 65_536, OptionalLong.of(24_564)))
                .hasMessageMatching(
                        "detect-0 needs about [34]\\d{4} MiB of its GPU's memory, it has 24564 MiB; less is"
                                + " needed with bfloat16, smaller images, a smaller batchSize, or more GPUs, which must divide ranks");
        assertThatThrownBy(() -> MemoryNeed.check("detect-0", full, GPU, 2048, OptionalLong.of(81_559)))
                .hasMessageMatching("detect-0 needs about \\d{4} MiB of memory, there are 2048 MiB; less is needed with"
                        + " fewer threads, or a smaller batchSize");
    }

    /** Peaks of {@code moco bench step} on an H200, GB (10^9 bytes). */
    @ParameterizedTest
    @CsvSource({
        "256, FLOAT32, 24.9, 28.8",
        "256, BFLOAT16, 13.5, 13.5",
        "32, FLOAT32, 4.6, 8.7",
        "32, BFLOAT16, 2.9, 2.9"
    })
    void stepsOnAGpuNeedAboutWhatWasMeasured(int batch, Precision precision, double least, double most) {
        MemoryNeed need = MemoryNeed.of(pretrain(Architecture.RESNET50, 224, batch, 1, 65_536, precision), GPU);
        assertThat(need.deviceMib() * 1.048576e-3).isBetween(0.85 * least, 1.4 * most);
    }

    private static PretrainConfig pretrain(PretrainMethod method, Head head, int batch) {
        return new PretrainConfig(
                Architecture.RESNET50,
                head,
                head == Head.CLASSES ? 0 : 128,
                224,
                Augmentation.AUG_PLUS,
                200,
                batch,
                8,
                new Contrast(0, 0.2, 0),
                Optimizer.UNSET,
                Precision.FLOAT32,
                0,
                method);
    }

    private static double gigabytes(PretrainConfig config, int gpus) {
        MemoryNeed.Setting setting = new MemoryNeed.Setting(THREADS, true, config.devices(gpus), 0);
        return MemoryNeed.of(config, setting).deviceMib() * 1.048576e-3;
    }

    /**
     * A group of 32 images of one encoder at a time, 2.75 GB of activations kept for the backward pass, whatever the batch is;
     * what grows are images, embeddings and logits.
     */
    @ParameterizedTest
    @CsvSource({"256, 8, 4.5, 6", "4096, 8, 4.7, 8", "4096, 1, 9, 12"})
    void endToEndNeedsOneGroupsActivations(int batch, int gpus, double least, double most) {
        PretrainMethod method = new PretrainMethod.EndToEnd(false, false, 32);
        assertThat(gigabytes(pretrain(method, Head.MLP, batch), gpus)).isBetween(least, most);
        PretrainMethod symmetric = new PretrainMethod.EndToEnd(true, false, 32);
        assertThat(gigabytes(pretrain(symmetric, Head.MLP, batch), gpus))
                .isGreaterThan(gigabytes(pretrain(method, Head.MLP, batch), gpus) - 0.01);
        PretrainMethod shared = new PretrainMethod.EndToEnd(false, true, 32);
        // Weights and velocity of 28 million parameters.
        assertThat(gigabytes(pretrain(method, Head.MLP, batch), gpus)
                        - gigabytes(pretrain(shared, Head.MLP, batch), gpus))
                .isBetween(0.2, 0.25);
    }

    /** The rows of the paper's Table 3, 5.0 and 7.4 GB, on 8 GPUs; end-to-end has no graph of both encoders here. */
    @Test
    void theRowsOfTable3AreEstimated() {
        PretrainConfig moco = pretrain(Architecture.RESNET50, 224, 256, 8, 65_536, Precision.FLOAT32);
        assertThat(gigabytes(moco, 8)).isBetween(4.5, 6.0);
        PretrainMethod method = new PretrainMethod.EndToEnd(false, false, 32);
        assertThat(gigabytes(pretrain(method, Head.MLP, 256), 8)).isBetween(4.5, 6.0);
        assertThat(gigabytes(pretrain(method, Head.MLP, 4096), 8)).isLessThan(0.1 * 93);
    }

    @ParameterizedTest
    @CsvSource({"256, 8, 4, 6", "2048, 8, 4, 7"})
    void supervisedTrainingNeedsOneGroupsActivations(int batch, int gpus, double least, double most) {
        assertThat(gigabytes(pretrain(new PretrainMethod.Supervised(32), Head.CLASSES, batch), gpus))
                .isBetween(least, most);
        double large = gigabytes(pretrain(new PretrainMethod.Supervised(256), Head.CLASSES, 2048), gpus);
        assertThat(large).isGreaterThan(20);
    }

    /** Inputs of batch norms and outputs of blocks are kept, 65 MB a view, and a layer's gradients of all views. */
    @ParameterizedTest
    @CsvSource({"256, 8, 64", "256, 1, 512", "4096, 8, 1024", "8192, 8, 2048"})
    void simClrNeedsTheActivationsOfTheWholeBatch(int batch, int gpus, int views) {
        PretrainConfig config = pretrain(new PretrainMethod.SimClr(1), Head.BATCH_NORM_MLP, batch);
        assertThat(gigabytes(config, gpus)).isBetween(views * 0.065, views * 0.1 + 3);
    }

    @Test
    void simClrThatDoesNotFitIsRefusedWithTheFigure() {
        PretrainConfig config = pretrain(new PretrainMethod.SimClr(1), Head.BATCH_NORM_MLP, 8192);
        MemoryNeed.Setting setting = new MemoryNeed.Setting(THREADS, true, config.devices(8), 0);
        assertThatThrownBy(() -> MemoryNeed.check("pretrain", config, setting, 65_536, OptionalLong.of(81_559)))
                .hasMessageMatching(
                        "pretrain needs about 1[67]\\d{4} MiB of its GPU's memory, it has 81559 MiB; less is needed with"
                                + " smaller images, a smaller batchSize, or more GPUs, which must divide ranks");
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "3, 2", "7, 4", "8, 8", "9, 8"})
    void asManyProcessesAsDivideTheRanksShareABatch(int gpus, int processes) {
        assertThat(pretrain(Architecture.RESNET50, 224, 256, 8, 65_536, Precision.FLOAT32)
                        .devices(gpus))
                .isEqualTo(processes);
        assertThat(detect(16, 800, 1333, 8, Precision.FLOAT32).devices(gpus)).isEqualTo(processes);
    }

    @Test
    void groupsRunAtOnceWhereTheirMapsAreSmall() {
        PretrainConfig endToEnd = new PretrainConfig(
                Architecture.RESNET10W16,
                Head.MLP,
                128,
                32,
                Augmentation.AUG_PLUS,
                20,
                4096,
                1,
                new Contrast(0, 0.2, 0),
                Optimizer.UNSET,
                Precision.FLOAT32,
                0,
                new PretrainMethod.EndToEnd(false, false, 32));
        assertThat(StepThreads.of(endToEnd, 16)).isEqualTo(new StepThreads(16, 1));
        PretrainConfig simClr = pretrain(new PretrainMethod.SimClr(1), Head.BATCH_NORM_MLP, 256);
        assertThat(StepThreads.of(simClr, 16)).isEqualTo(new StepThreads(1, 16));
        assertThat(simClr.stepWork())
                .isEqualTo(pretrain(new PretrainMethod.SimClr(0.5), Head.BATCH_NORM_MLP, 256)
                        .stepWork());
    }

    /** A view of each image in place of two. */
    @Test
    void supervisedTrainingLoadsOneViewOfAnImage() {
        PretrainConfig supervised = pretrain(new PretrainMethod.Supervised(32), Head.CLASSES, 256);
        PretrainConfig simClr = pretrain(new PretrainMethod.SimClr(1), Head.BATCH_NORM_MLP, 256);
        assertThat(2 * supervised.batchMemory()).isEqualTo(simClr.batchMemory());
    }

    @Test
    void aPodHasTheProcessesOfItsDevicesAndEachDeviceItsShareOfTheImages() {
        PretrainConfig config = pretrain(Architecture.RESNET50, 224, 256, 8, 65_536, Precision.FLOAT32);
        MemoryNeed one = MemoryNeed.of(config, new MemoryNeed.Setting(32, true, 1, 0));
        MemoryNeed eight = MemoryNeed.of(config, new MemoryNeed.Setting(32, true, 8, 0));
        // Views in flight of 256 images are 231 MB; 29 for 32 of them, and 39 for the keys of all.
        assertThat(one.deviceMib() - eight.deviceMib()).isBetween(140L, 170L);
        // Libraries and heap for each process.
        assertThat(eight.hostMib() - one.hostMib()).isBetween(7 * 3_700L, 7 * 3_800L);
        MemoryNeed onCpu = MemoryNeed.of(config, new MemoryNeed.Setting(8, false, 8, 0));
        assertThat(onCpu.hostMib()).isGreaterThan(5 * cpu(config));
        assertThat(onCpu.deviceMib()).isZero();
    }

    @Test
    void aTrialOnSeveralGpusHasItsImagesOnEachAndTheGradientsOfItsRanks() {
        DetectConfig config = detect(16, 800, 1333, 8, Precision.FLOAT32);
        long two = MemoryNeed.of(config, new MemoryNeed.Setting(THREADS, true, 2, 0))
                .deviceMib();
        long eight = MemoryNeed.of(config, new MemoryNeed.Setting(THREADS, true, 8, 0))
                .deviceMib();
        assertThat(eight)
                .isEqualTo(MemoryNeed.of(detect(2, 800, 1333, Precision.FLOAT32), GPU)
                        .deviceMib());
        // Gradients of four ranks in place of one, 90 MiB each.
        assertThat(two
                        - MemoryNeed.of(detect(8, 800, 1333, Precision.FLOAT32), GPU)
                                .deviceMib())
                .isBetween(268L, 270L);
        assertThatThrownBy(() -> config.requireDevices(3))
                .hasMessageContaining("found 3 devices with 8 ranks; possible are 1, 2, 4, 8");
    }

    @Test
    void theBankOfTheMonitorIsCounted() {
        PretrainConfig config = pretrain(Architecture.RESNET50, 224, 256, 8, 65_536, Precision.FLOAT32);
        KnnMonitor all = new KnnMonitor(1, 200, 0.1, 0);
        long bank = all.bank(1_281_167);
        assertThat(bank).isEqualTo(1_281_167);
        // 2048 floats an image.
        assertThat(MemoryNeed.of(config, new MemoryNeed.Setting(THREADS, false, 1, bank))
                                .hostMib()
                        - cpu(config))
                .isBetween(10_009L, 10_400L);
        MemoryNeed onGpu = MemoryNeed.of(config, new MemoryNeed.Setting(THREADS, true, 1, bank));
        assertThat(onGpu.deviceMib() - MemoryNeed.of(config, GPU).deviceMib()).isBetween(10_009L, 10_400L);
        assertThat(onGpu.hostMib()).isEqualTo(MemoryNeed.of(config, GPU).hostMib());
        assertThat(KnnMonitor.OFF.bank(1_281_167)).isZero();
        assertThat(new KnnMonitor(1, 200, 0.1, 50_000).bank(1_281_167)).isEqualTo(50_000);
        assertThat(new KnnMonitor(1, 200, 0.1, 50_000).bank(8_000)).isEqualTo(8_000);
    }

    @Test
    void heapAndDirectMemoryFollowFromTheThreads() {
        PretrainConfig config = pretrain(Architecture.RESNET50, 224, 256, 8, 65_536, Precision.FLOAT32);
        JvmMemory few = JvmMemory.of(config, 2);
        JvmMemory many = JvmMemory.of(config, 32);
        // Views of three batches: 231 MB.
        assertThat(few.directMib()).isGreaterThan(440);
        assertThat(many.heapMib()).isGreaterThan(few.heapMib());
        assertThat(many.directMib() - few.directMib()).isEqualTo(30 * 16);
        assertThat(few.flags()).containsExactly("-Xmx1024m", "-XX:MaxDirectMemorySize=" + few.directMib() + "m");
        // 48 images of 800 x 1333 are in flight.
        assertThat(JvmMemory.of(detect(16, 800, 1333, Precision.FLOAT32), 8).heapMib() - 1024)
                .isGreaterThan(150);
    }

    private static long cpu(StageConfig config) {
        return MemoryNeed.of(config, CPU).hostMib();
    }

    @ParameterizedTest
    @CsvSource({"RESNET18, 11176512", "RESNET50, 23508032", "RESNET101, 42500160", "RESNET10W16, 307536"})
    void parametersAreTorchvisions(Architecture architecture, long parameters) {
        assertThat(architecture.parameters()).isEqualTo(parameters);
    }

    @ParameterizedTest
    @CsvSource({
        "RESNET50, 224, 256, 8, 2, 1, 2",
        "RESNET50, 224, 256, 8, 16, 1, 16",
        "RESNET10W16, 32, 256, 8, 2, 2, 1",
        "RESNET10W16, 32, 256, 8, 16, 8, 2",
        "RESNET10W16, 32, 256, 1, 16, 1, 16",
    })
    void ranksRunAtOnceWhereTheirMapsAreSmall(
            Architecture architecture, int size, int batch, int ranks, int threads, int atOnce, int within) {
        assertThat(StepThreads.of(pretrain(architecture, size, batch, ranks, 4096, Precision.FLOAT32), threads))
                .isEqualTo(new StepThreads(atOnce, within));
    }
}
