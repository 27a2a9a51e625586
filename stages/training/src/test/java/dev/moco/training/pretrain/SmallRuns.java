package dev.moco.training.pretrain;

import dev.moco.contract.Architecture;
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
import java.util.function.IntFunction;

/** A small run of each method, by the number of ranks. */
@SuppressWarnings("ImmutableEnumChecker") // its functions have no state
enum SmallRuns {
    MOCO(ranks -> config(
            ranks,
            Head.MLP,
            8,
            Augmentation.CROP_AND_FLIP,
            new Contrast(32, 0.2, 0.9),
            sgd(0.1),
            new PretrainMethod.MoCo())),
    END_TO_END(ranks -> config(
            ranks,
            Head.MLP,
            8,
            Augmentation.CROP_AND_FLIP,
            new Contrast(0, 0.2, 0),
            sgd(0.1),
            new PretrainMethod.EndToEnd(false, false, SmallRuns.BATCH / ranks / 2))),
    END_TO_END_SHARED(ranks -> config(
            ranks,
            Head.FC,
            8,
            Augmentation.CROP_AND_FLIP,
            new Contrast(0, 0.2, 0),
            sgd(0.1),
            new PretrainMethod.EndToEnd(true, true, SmallRuns.BATCH / ranks / 2))),
    SIMCLR(ranks -> config(
            ranks,
            Head.BATCH_NORM_MLP,
            8,
            Augmentation.SIMCLR,
            new Contrast(0, 0.5, 0),
            new Optimizer(2, 0.9, 1e-6, Schedule.COSINE_BY_STEP, List.of(), Algorithm.LARS, 1),
            new PretrainMethod.SimClr(0.5))),
    SUPERVISED(ranks -> config(
            ranks,
            Head.CLASSES,
            0,
            Augmentation.CROP_AND_FLIP,
            new Contrast(0, 0, 0),
            new Optimizer(0.01, 0.9, 1e-4, Schedule.STEP, List.of(3)),
            new PretrainMethod.Supervised(ranks == 2 ? 8 : 2)));

    static final int BATCH = 16;
    static final int EPOCHS = 4;
    static final int SIZE = 16;

    private final IntFunction<PretrainConfig> configs;

    SmallRuns(IntFunction<PretrainConfig> configs) {
        this.configs = configs;
    }

    PretrainConfig config(int ranks) {
        return configs.apply(ranks);
    }

    private static Optimizer sgd(double learningRate) {
        return new Optimizer(learningRate, 0.9, 1e-4, Schedule.COSINE, List.of());
    }

    private static PretrainConfig config(
            int ranks,
            Head head,
            int dimension,
            Augmentation augmentation,
            Contrast contrast,
            Optimizer optimizer,
            PretrainMethod method) {
        return new PretrainConfig(
                Architecture.RESNET10W16,
                head,
                dimension,
                SIZE,
                augmentation,
                EPOCHS,
                BATCH,
                ranks,
                contrast,
                optimizer,
                Precision.FLOAT32,
                7,
                method);
    }
}
