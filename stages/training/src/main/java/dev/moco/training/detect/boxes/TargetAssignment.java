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
    private final int firstImage;
    private final ProposalSelection selection;
    private final BoxSampler anchorSampler;
    private final BoxSampler regionSampler;

    /** Assignment for all images of a batch. */
    public TargetAssignment(DetectConfig config, int classes) {
        this(config, classes, 0);
    }

    /** @param firstImage number in the batch of the first image, of a process that has a part of the ranks */
    public TargetAssignment(DetectConfig config, int classes, int firstImage) {
        DetectConfig.Proposals proposals = config.proposals();
        this.seed = config.seed();
        this.classes = classes;
        this.firstImage = firstImage;
        this.selection =
                new ProposalSelection(proposals.trainBeforeNms(), proposals.trainAfterNms(), proposals.nmsThreshold());
        this.anchorSampler = new BoxSampler(proposals.batchPerImage(), proposals.positiveFraction());
        this.regionSampler = new BoxSampler(
                config.regions().batchPerImage(), config.regions().positiveFraction());
    }

    private record OfImage(ProposalTargets proposals, RegionTargets regions) {}

    /**
     * Images of a rank, and what the RPN head says about them.
     *
     * @param images ground truth
     * @param grid anchors of an image, padded to the largest of the rank
     * @param logits objectness logit of each anchor, image after image
     * @param deltas four anchor deltas for each anchor, likewise
     */
    @SuppressWarnings("ArrayRecordComponent") // megabytes
    public record RankOutputs(List<Instances> images, Boxes grid, float[] logits, float[] deltas) {}

    /**
     * Draws the anchors and regions of interest of ranks and returns the targets of each. The images of all these ranks are
     * shared among the processors: a rank often has only one or two.
     *
     * @param iteration number of the iteration; each draws other samples
     */
    public List<RankTargets> assign(List<RankOutputs> ranks, long iteration) {
        int[] starts = new int[ranks.size() + 1];
        for (int rank = 0; rank < ranks.size(); rank++) {
            starts[rank + 1] = starts[rank] + ranks.get(rank).images().size();
        }
        int[] rankOf = IntStream.range(0, ranks.size())
                .flatMap(rank -> IntStream.range(starts[rank], starts[rank + 1]).map(i -> rank))
                .toArray();
        List<OfImage> targets = IntStream.range(0, rankOf.length)
                .parallel()
                .mapToObj(i -> assign(
                        ranks.get(rankOf[i]), i - starts[rankOf[i]], CounterRandom.of(seed, iteration, firstImage + i)))
                .toList();
        return IntStream.range(0, ranks.size())
                .mapToObj(rank -> of(
                        targets.subList(starts[rank], starts[rank + 1]),
                        ranks.get(rank).grid()))
                .toList();
    }

    private RankTargets of(List<OfImage> targets, Boxes grid) {
        return RankTargets.of(
                targets.stream().map(OfImage::proposals).toList(),
                targets.stream().map(OfImage::regions).toList(),
                grid.size(),
                classes);
    }

    private OfImage assign(RankOutputs rank, int i, RandomGenerator random) {
        Boxes grid = rank.grid();
        return assign(
                rank.images().get(i),
                grid,
                Arrays.copyOfRange(rank.logits(), i * grid.size(), (i + 1) * grid.size()),
                Arrays.copyOfRange(rank.deltas(), 4 * i * grid.size(), 4 * (i + 1) * grid.size()),
                random);
    }

    private OfImage assign(Instances image, Boxes grid, float[] logits, float[] deltas, RandomGenerator random) {
        Boxes proposals = selection.select(grid, logits, deltas, image.width(), image.height());
        return new OfImage(
                ProposalTargets.of(grid, image.boxes(), anchorSampler, random),
                RegionTargets.of(proposals, image, classes, regionSampler, random));
    }
}
