package dev.moco.training.detect.boxes;

import dev.moco.contract.DetectConfig;
import dev.moco.training.data.CounterRandom;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Assigns the targets of the losses to anchors and proposals. No gradient flows through it. */
public final class TargetAssignment {
    private final long seed;
    private final int classes;
    private final ProposalSelection selection;
    private final BoxSampler anchorSampler;
    private final BoxSampler regionSampler;

    public TargetAssignment(DetectConfig config, int classes) {
        DetectConfig.Proposals proposals = config.proposals();
        this.seed = config.seed();
        this.classes = classes;
        this.selection =
                new ProposalSelection(proposals.trainBeforeNms(), proposals.trainAfterNms(), proposals.nmsThreshold());
        this.anchorSampler = new BoxSampler(proposals.batchPerImage(), proposals.positiveFraction());
        this.regionSampler = new BoxSampler(
                config.regions().batchPerImage(), config.regions().positiveFraction());
    }

    private record OfImage(ProposalTargets proposals, RegionTargets regions) {}

    /**
     * Draws the anchors and regions of interest of a rank and returns their targets.
     *
     * @param images ground truth of the images of the rank
     * @param grid anchors of an image, padded to the largest of the rank
     * @param logits objectness logit of each anchor, image after image
     * @param deltas four anchor deltas for each anchor, likewise
     * @param iteration number of the iteration; each draws other samples
     * @param firstImage number of images of the iteration in the ranks before this one
     */
    public RankTargets assign(
            List<Instances> images, Boxes grid, float[] logits, float[] deltas, long iteration, int firstImage) {
        List<OfImage> targets = IntStream.range(0, images.size())
                .parallel()
                .mapToObj(i -> assign(
                        images.get(i),
                        grid,
                        Arrays.copyOfRange(logits, i * grid.size(), (i + 1) * grid.size()),
                        Arrays.copyOfRange(deltas, 4 * i * grid.size(), 4 * (i + 1) * grid.size()),
                        CounterRandom.of(seed, iteration, firstImage + i)))
                .toList();
        return RankTargets.of(
                targets.stream().map(OfImage::proposals).toList(),
                targets.stream().map(OfImage::regions).toList(),
                grid.size(),
                classes);
    }

    private OfImage assign(Instances image, Boxes grid, float[] logits, float[] deltas, RandomGenerator random) {
        Boxes proposals = selection.select(grid, logits, deltas, image.width(), image.height());
        return new OfImage(
                ProposalTargets.of(grid, image.boxes(), anchorSampler, random),
                RegionTargets.of(proposals, image, classes, regionSampler, random));
    }
}
