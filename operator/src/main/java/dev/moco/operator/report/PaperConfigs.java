package dev.moco.operator.report;

import dev.moco.contract.Architecture;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Optimizer.Algorithm;
import dev.moco.contract.Optimizer.Schedule;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.PretrainMethod;
import java.util.List;
import java.util.stream.IntStream;

/** Configurations of the paper's experiments, with seed 0 (docs/method.md §1-4). */
public final class PaperConfigs {
    private static final Architecture NETWORK = Architecture.RESNET50;
    private static final int DIMENSION = 128;
    private static final int IMAGE_SIZE = 224;
    /** The batch that learning rates are given for; others scale it. */
    private static final int BATCH = 256;

    private static final int RANKS = 8;
    private static final double MOMENTUM = 0.9;
    private static final double WEIGHT_DECAY = 1e-4;
    /** Images of a GPU at batch 256. */
    private static final int GROUP = 32;

    private static final long NO_SEED = 0;

    private PaperConfigs() {}

    /** MoCo with batch 256. */
    public static PretrainConfig moco(
            Head head, Augmentation augmentation, Schedule schedule, int epochs, double temperature) {
        return new PretrainConfig(
                NETWORK,
                head,
                DIMENSION,
                IMAGE_SIZE,
                augmentation,
                epochs,
                BATCH,
                RANKS,
                new Contrast(65536, temperature, 0.999),
                sgd(0.03, schedule, schedule == Schedule.STEP ? List.of(120, 160) : List.of()),
                Precision.FLOAT32,
                NO_SEED);
    }

    /** End-to-end training for 200 epochs, otherwise as MoCo v2. */
    public static PretrainConfig endToEnd(int batch) {
        return new PretrainConfig(
                NETWORK,
                Head.MLP,
                DIMENSION,
                IMAGE_SIZE,
                Augmentation.AUG_PLUS,
                200,
                batch,
                RANKS,
                new Contrast(0, 0.2, 0),
                sgd(scaled(0.03, batch), Schedule.COSINE, List.of()),
                Precision.FLOAT32,
                NO_SEED,
                new PretrainMethod.EndToEnd(false, false, GROUP));
    }

    public static PretrainConfig simClr(int batch, int epochs) {
        return new PretrainConfig(
                NETWORK,
                Head.BATCH_NORM_MLP,
                DIMENSION,
                IMAGE_SIZE,
                Augmentation.SIMCLR,
                epochs,
                batch,
                RANKS,
                new Contrast(0, 0.1, 0),
                new Optimizer(
                        scaled(0.3, batch), MOMENTUM, 1e-6, Schedule.COSINE_BY_STEP, List.of(), Algorithm.LARS, 10),
                Precision.FLOAT32,
                NO_SEED,
                new PretrainMethod.SimClr(1));
    }

    /** Supervised training as torchvision's, for 90 epochs. */
    public static PretrainConfig supervised() {
        return new PretrainConfig(
                NETWORK,
                Head.CLASSES,
                0,
                IMAGE_SIZE,
                Augmentation.CROP_AND_FLIP,
                90,
                BATCH,
                RANKS,
                new Contrast(0, 0, 0),
                sgd(0.1, Schedule.STEP, List.of(30, 60)),
                Precision.FLOAT32,
                NO_SEED,
                new PretrainMethod.Supervised(GROUP));
    }

    /** MoCo's linear classification (docs/method.md §2). */
    public static LinearConfig linear() {
        return new LinearConfig(
                NETWORK,
                false,
                NO_SEED,
                IMAGE_SIZE,
                100,
                BATCH,
                new Optimizer(30, MOMENTUM, 0, Schedule.STEP, List.of(60, 80)),
                Precision.FLOAT32,
                NO_SEED);
    }

    /** SimCLR's linear classification. */
    public static LinearConfig simClrLinear() {
        return new LinearConfig(
                NETWORK,
                false,
                NO_SEED,
                IMAGE_SIZE,
                90,
                4096,
                new Optimizer(1.6, MOMENTUM, 0, Schedule.COSINE_BY_STEP, List.of(), Algorithm.NESTEROV, 0),
                Precision.FLOAT32,
                NO_SEED,
                true);
    }

    /** The detector (docs/method.md §3.1–3.2). */
    public static DetectConfig detection() {
        return new DetectConfig(
                NETWORK,
                new DetectConfig.Input(
                        IntStream.rangeClosed(0, 10).mapToObj(i -> 480 + 32 * i).toList(), 800, 1333),
                new DetectConfig.Anchors(List.of(32, 64, 128, 256, 512), List.of(0.5, 1.0, 2.0)),
                new DetectConfig.Proposals(256, 0.5, 12000, 2000, 6000, 1000, 0.7),
                new DetectConfig.Regions(512, 0.25, 14, 0.05, 0.5, 100),
                new DetectConfig.Solver(24000, 16, 8, 0.02, MOMENTUM, 1e-4, List.of(18000, 22000), 100, 0.001),
                200,
                Precision.FLOAT32,
                NO_SEED);
    }

    /** A rate that grows with the batch. */
    private static double scaled(double rate, int batch) {
        return rate * batch / BATCH;
    }

    private static Optimizer sgd(double rate, Schedule schedule, List<Integer> milestones) {
        return new Optimizer(rate, MOMENTUM, WEIGHT_DECAY, schedule, milestones);
    }
}
