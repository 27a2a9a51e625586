package dev.moco.contract;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Configuration of one trial of Faster R-CNN C4 fine-tuning and its evaluation (docs/method.md §3).
 *
 * @param architecture backbone, whose layer4 is the RoI head
 * @param input image sizes
 * @param anchors anchor shapes
 * @param proposals RPN sampling and proposals
 * @param regions RoI sampling, test-time thresholds
 * @param solver SGD by iteration
 * @param preciseBnIterations forward passes that re-estimate the batch-norm statistics after the last step; 200 in the
 *     paper
 * @param precision floating-point type
 * @param seed base seed plus index of the trial
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
    public long stepMemory(MemoryNeed.Setting setting) {
        return MemoryNeed.detect(this, setting.devices());
    }

    /** Images of the batches in flight, and the numbers of one batch on their way to the step. */
    @Override
    public long imageMemory() {
        long image = 3L * input.largestTrainSize() * input.maxSize();
        return solver.batchSize() * image * (MemoryNeed.BATCHES_IN_FLIGHT + Float.BYTES);
    }

    @Override
    public int devices(int atHand) {
        return DeviceCounts.most(solver.ranks(), atHand);
    }

    /** One, as the trials of an experiment fill the devices. */
    @Override
    public int presetDevices(int atHand) {
        return 1;
    }

    @Override
    public void requireDevices(int asked) {
        DeviceCounts.require(solver.ranks(), asked);
    }

    @Override
    public String memoryAdvice() {
        return "less is needed with bfloat16, smaller images, a smaller batchSize, or more GPUs, which must divide ranks";
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

    /**
     * Image sizes in pixels, as of detectron2's ResizeShortestEdge.
     *
     * @param trainSizes short sides, of which one is drawn for each training image
     * @param testSize short side at test time
     * @param maxSize limit of the long side
     */
    public record Input(List<Integer> trainSizes, int testSize, int maxSize) {
        public Input {
            trainSizes = List.copyOf(trainSizes);
        }

        /** Largest short side of a training image. */
        int largestTrainSize() {
            return trainSizes.stream().mapToInt(size -> size).max().orElse(maxSize);
        }
    }

    /**
     * Anchors of each cell of the feature map: all combinations of size and ratio.
     *
     * @param sizes square roots of the areas in pixels
     * @param ratios height / width
     */
    public record Anchors(List<Integer> sizes, List<Double> ratios) {
        public Anchors {
            sizes = List.copyOf(sizes);
            ratios = List.copyOf(ratios);
        }
    }

    /**
     * Region proposal network: anchors sampled in each image; boxes before and after NMS, in training and at test time.
     */
    public record Proposals(
            int batchPerImage,
            double positiveFraction,
            int trainBeforeNms,
            int trainAfterNms,
            int testBeforeNms,
            int testAfterNms,
            double nmsThreshold) {}

    /** RoI head: regions sampled in each image, side of the pooled map in cells, and the thresholds of inference. */
    public record Regions(
            int batchPerImage,
            double positiveFraction,
            int poolerSize,
            double scoreThreshold,
            double nmsThreshold,
            int detectionsPerImage) {}

    /**
     * SGD with linear warm-up and a step schedule, both in iterations. The ranks are slices of the batch; NaiveSyncBN
     * averages their statistics.
     */
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
