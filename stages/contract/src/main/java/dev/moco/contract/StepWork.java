package dev.moco.contract;

import dev.moco.contract.PretrainConfig.Augmentation;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The part of a configuration that decides how long a step takes: all but seeds, rates and lengths. */
public final class StepWork {
    private static final Optimizer ANY_OPTIMIZER = new Optimizer(0, 0, 0, Optimizer.Schedule.COSINE, List.of());

    private StepWork() {}

    /** Returns a text that is equal for configurations with the same work in each step and the same number of threads. */
    public static String of(StageConfig config, int threads) {
        return threads + " threads " + new String(CanonicalJson.bytes(withoutRest(config)), StandardCharsets.UTF_8);
    }

    private static StageConfig withoutRest(StageConfig config) {
        if (config instanceof PretrainConfig pretrain) {
            return new PretrainConfig(
                    pretrain.architecture(),
                    pretrain.head(),
                    pretrain.dimension(),
                    pretrain.imageSize(),
                    Augmentation.AUG_PLUS,
                    0,
                    pretrain.batchSize(),
                    pretrain.ranks(),
                    new PretrainConfig.Contrast(pretrain.contrast().queueSize(), 0, 0),
                    ANY_OPTIMIZER,
                    pretrain.precision(),
                    0);
        } else if (config instanceof LinearConfig linear) {
            return new LinearConfig(
                    linear.architecture(),
                    false,
                    0,
                    linear.imageSize(),
                    0,
                    linear.batchSize(),
                    ANY_OPTIMIZER,
                    linear.precision(),
                    0);
        } else if (config instanceof DetectConfig detect) {
            return new DetectConfig(
                    detect.architecture(),
                    detect.input(),
                    detect.anchors(),
                    detect.proposals(),
                    detect.regions(),
                    new DetectConfig.Solver(
                            0, detect.solver().batchSize(), detect.solver().ranks(), 0, 0, 0, List.of(), 0, 0),
                    0,
                    detect.precision(),
                    0);
        }
        return config;
    }

    /** Images a step. */
    public static int batchSize(StageConfig config) {
        return switch (config.stage()) {
            case PREPARE -> 1;
            case PRETRAIN -> ((PretrainConfig) config).batchSize();
            case LINEAR -> ((LinearConfig) config).batchSize();
            case DETECT -> ((DetectConfig) config).solver().batchSize();
        };
    }
}
