package dev.moco.training.bench;

import dev.moco.contract.Architecture;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Optimizer.Schedule;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.training.bench.ComputeOptions.ArchitectureConverter;
import dev.moco.training.pretrain.Method;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Sizes of {@code moco bench world}: those of the paper on GPUs, and small ones on the CPU. */
final class WorldOptions {
    private static final int DIMENSION = 128;

    @Option(
            names = "--arch",
            paramLabel = "NAME",
            converter = ArchitectureConverter.class,
            description = "resnet10w16, resnet18, resnet34, resnet50, resnet101 or resnet152. Default: resnet50; on the"
                    + " CPU resnet10w16")
    @Nullable
    Architecture arch;

    @Option(
            names = "--precision",
            paramLabel = "NAME",
            defaultValue = "float32",
            description = "float32, tf32 (on a GPU) or bfloat16. Default: ${DEFAULT-VALUE}")
    Precision precision = Precision.FLOAT32;

    @Option(names = "--image-size", paramLabel = "PIXELS", description = "Side of a view. Default: 224; on the CPU 32")
    @Nullable
    Integer imageSize;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Images of a step, all ranks together. Default: 256; on the CPU 64")
    @Nullable
    Integer batchSize;

    @Option(
            names = "--ranks",
            paramLabel = "N",
            description = "Slices of the batch, which the devices share. Default: ${DEFAULT-VALUE}")
    int ranks = 8;

    @Option(names = "--queue-size", paramLabel = "K", description = "Negative keys. Default: 65536; on the CPU 1024")
    @Nullable
    Integer queueSize;

    @Option(
            names = "--detect-batch-size",
            paramLabel = "N",
            description = "Images of an iteration of detection, two a rank, of 600x800 pixels; on the CPU of 96x128."
                    + " Default: 16; on the CPU 1")
    @Nullable
    Integer detectBatchSize;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            description = "Repetitions before the timed ones. Default: 5; on the CPU 1")
    @Nullable
    Integer warmup;

    @Option(names = "--steps", paramLabel = "N", description = "Timed repetitions. Default: 30; on the CPU 5")
    @Nullable
    Integer steps;

    int warmup(boolean gpu) {
        return or(warmup, gpu ? 5 : 1);
    }

    int steps(boolean gpu) {
        return or(steps, gpu ? 30 : 5);
    }

    /** Fails if a size is too small, or does not fit the others. */
    void check(boolean gpu) {
        PretrainConfig config = pretrain(gpu);
        BenchMain.requireAtLeast("--ranks", ranks, 1);
        BenchMain.requireAtLeast("--image-size", config.imageSize(), 16);
        BenchMain.requireAtLeast("--batch-size", config.batchSize(), 2L * ranks);
        BenchMain.requireAtLeast("--queue-size", config.contrast().queueSize(), 1);
        BenchMain.requireAtLeast("--detect-batch-size", detect(gpu).batchSize(), 1);
        BenchMain.requireAtLeast("--warmup", warmup(gpu), 0);
        BenchMain.requireAtLeast("--steps", steps(gpu), 1);
        Method.of(config).check(Integer.MAX_VALUE);
    }

    PretrainConfig pretrain(boolean gpu) {
        return new PretrainConfig(
                arch(gpu),
                Head.MLP,
                DIMENSION,
                or(imageSize, gpu ? 224 : 32),
                Augmentation.AUG_PLUS,
                1,
                or(batchSize, gpu ? 256 : 64),
                ranks,
                new Contrast(or(queueSize, gpu ? 65_536 : 1024), 0.2, 0.999),
                new Optimizer(0.03, 0.9, 1e-4, Schedule.COSINE, List.of()),
                precision,
                0);
    }

    DetectConfig detect(boolean gpu) {
        int images = or(detectBatchSize, gpu ? 16 : 1);
        return DetectBench.config(
                arch(gpu), precision, images, images % 2 == 0 ? images / 2 : 1, gpu ? 600 : 96, gpu ? 800 : 128);
    }

    private Architecture arch(boolean gpu) {
        if (arch != null) {
            return arch;
        }
        return gpu ? Architecture.RESNET50 : Architecture.RESNET10W16;
    }

    private static int or(@Nullable Integer chosen, int byDefault) {
        return chosen == null ? byDefault : chosen;
    }
}
