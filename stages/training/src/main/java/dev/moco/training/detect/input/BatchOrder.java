package dev.moco.training.detect.input;

import dev.moco.training.data.EpochOrder;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.Sample;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.stream.IntStream;

/**
 * Order of the training images: shuffled anew in each epoch and handed to the ranks in turn. A batch of a rank has
 * either wide images or the others (detectron2's aspect ratio grouping), to keep padding small. The order is a function
 * of the seed; a resumed run skips the batches already used.
 */
public final class BatchOrder {
    private final ImageSet images;
    private final int[] usable;
    private final long seed;
    private final int batchSize;
    private final List<Rank> ranks;
    private int[] order = {};
    private int at;
    private int epoch;

    /** @param batchSize images of each rank in an iteration */
    public BatchOrder(ImageSet images, long seed, int ranks, int batchSize) {
        this.images = images;
        this.usable = withObjects(images);
        this.seed = seed;
        this.batchSize = batchSize;
        this.ranks = IntStream.range(0, ranks).mapToObj(rank -> new Rank()).toList();
    }

    /** Indices of the images that have an object; difficult objects count, as training uses them like the others. */
    public static int[] withObjects(ImageSet images) {
        return IntStream.range(0, images.size())
                .filter(i -> !images.sample(i).objects().isEmpty())
                .toArray();
    }

    /** Indices of the next iteration's images, one list for each rank. */
    List<List<Integer>> next() {
        while (ranks.stream().anyMatch(rank -> rank.batches.isEmpty())) {
            for (Rank rank : ranks) {
                rank.add(draw());
            }
        }
        return ranks.stream().map(rank -> rank.batches.remove()).toList();
    }

    private int draw() {
        if (at == order.length) {
            order = EpochOrder.of(seed, epoch++, usable.length);
            at = 0;
        }
        return usable[order[at++]];
    }

    private final class Rank {
        private final Queue<List<Integer>> batches = new ArrayDeque<>();
        private List<Integer> wide = new ArrayList<>();
        private List<Integer> others = new ArrayList<>();

        void add(int index) {
            Sample sample = images.sample(index);
            if (sample.width() > sample.height()) {
                wide = full(wide, index);
            } else {
                others = full(others, index);
            }
        }

        /** Adds an image to a group. A full group becomes a batch; returns the group to fill next. */
        private List<Integer> full(List<Integer> group, int index) {
            group.add(index);
            if (group.size() < batchSize) {
                return group;
            }
            batches.add(group);
            return new ArrayList<>();
        }
    }
}
