package dev.moco.contract;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One trial of Faster R-CNN C4 fine-tuning and its evaluation (docs/method.md §3).
 *
 * @param architecture backbone; its layer4 is the RoI head
 * @param input image sizes
 * @param anchors anchor shapes
 * @param proposals RPN sampling and proposals
 * @param regions RoI sampling, test-time thresholds
 * @param solver SGD by iteration
 * @param preciseBnIterations forwards that re-estimate the batch-norm statistics after the last step; 200 in the paper
 * @param precision arithmetic
 * @param seed base seed plus trial index
 */
public record DetectConfig(
        Architecture architecture,
        Input input,
        Anchors anchors,
        Proposals proposals,
        Regions regions,
        Solver solver,
        int preciseBnIterations,
        Precision precision,
        long seed)
        implements StageConfig {
    @Override
    public Stage stage() {
        return Stage.DETECT;
    }

    @Override
    public int batchSize() {
        return solver.batchSize();
    }

    @Override
    public OptionalLong steps(Optional<StageResult.Prepared> images) {
        return OptionalLong.of(solver.iterations());
    }

    @Override
    public StageConfig stepWork() {
        return new DetectConfig(
                architecture,
                input,
                anchors,
                proposals,
                regions,
                new Solver(0, solver.batchSize(), solver.ranks(), 0, 0, 0, List.of(), 0, 0),
                0,
                precision,
                0);
    }

    @Override
    public long stepMemory(int threads) {
        return MemoryNeed.detect(this);
    }

    @Override
    public String memoryAdvice() {
        return "less is needed with bfloat16, smaller images, or a smaller batchSize";
    }

    @Override
    public boolean sharesMachine() {
        return true;
    }

    /** This configuration with another seed. */
    public DetectConfig withSeed(long newSeed) {
        return new DetectConfig(
                architecture, input, anchors, proposals, regions, solver, preciseBnIterations, precision, newSeed);
    }

    /** Sides in pixels: the short one is drawn from {@code trainSizes}, the long one is capped at {@code maxSize}. */
    public record Input(List<Integer> trainSizes, int testSize, int maxSize) {
        public Input {
            trainSizes = List.copyOf(trainSizes);
        }
    }

    /** Every size (square root of the area, in pixels) with every ratio (height / width) at each feature cell. */
    public record Anchors(List<Integer> sizes, List<Double> ratios) {
        public Anchors {
            sizes = List.copyOf(sizes);
            ratios = List.copyOf(ratios);
        }
    }

    /** Region proposal network: anchors sampled an image; boxes kept before and after NMS, in training and at test. */
    public record Proposals(
            int batchPerImage,
            double positiveFraction,
            int trainBeforeNms,
            int trainAfterNms,
            int testBeforeNms,
            int testAfterNms,
            double nmsThreshold) {}

    /** RoI head: regions sampled an image, pooled cells a side, and the thresholds of inference. */
    public record Regions(
            int batchPerImage,
            double positiveFraction,
            int poolerSize,
            double scoreThreshold,
            double nmsThreshold,
            int detectionsPerImage) {}

    /** SGD with linear warm-up and steps, all in iterations; {@code ranks} share the batch, with NaiveSyncBN over them. */
    public record Solver(
            int iterations,
            int batchSize,
            int ranks,
            double learningRate,
            double momentum,
            double weightDecay,
            List<Integer> milestones,
            int warmupIterations,
            double warmupFactor) {
        public Solver {
            milestones = List.copyOf(milestones);
        }
    }
}
