package dev.moco.training.data.loader;

import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.EpochOrder;
import dev.moco.training.data.augment.View;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Loads one view of each image with its label: shuffled for training, in order for evaluation. The last batch may be
 * short.
 */
public final class LabeledLoader implements AutoCloseable {
    private final DecodedImages images;
    private final View view;
    private final int batchSize;
    private final int firstOfPart;
    private final int imagesOfPart;
    private final long seed;
    private final LoaderThreads threads;
    private final BufferPool buffers;

    /** Starts the threads. */
    public LabeledLoader(DecodedImages images, View view, int batchSize, long seed, int threads) {
        this(images, view, batchSize, BatchPart.WHOLE, seed, threads);
    }

    /** Starts the threads of a loader that fills a part of each batch; of a short batch this part may be short or empty. */
    public LabeledLoader(DecodedImages images, View view, int batchSize, BatchPart part, long seed, int threads) {
        this.images = images;
        this.view = view;
        this.batchSize = batchSize;
        this.firstOfPart = part.first(batchSize);
        this.imagesOfPart = part.images(batchSize);
        this.seed = seed;
        this.threads = new LoaderThreads(threads);
        this.buffers = new BufferPool(imagesOfPart * viewBytes());
    }

    /** Images of the set. */
    public int images() {
        return images.size();
    }

    public int stepsPerEpoch() {
        return (images.size() + batchSize - 1) / batchSize;
    }

    /** Returns the shuffled batches of a training epoch, from {@code firstStep} on. */
    public BatchStream<LabeledBatch> epoch(int epoch, int firstStep) {
        return stream(epoch, EpochOrder.of(seed, epoch, images.size()), firstStep);
    }

    /** Returns all images once, in the order of the set. */
    public BatchStream<LabeledBatch> inOrder() {
        return stream(0, EpochOrder.sequential(images.size()), 0);
    }

    /** Returns the images at the given positions, in this order. */
    public BatchStream<LabeledBatch> inOrder(int[] indices) {
        return stream(0, indices.clone(), 0);
    }

    @Override
    public void close() {
        threads.close();
    }

    private BatchStream<LabeledBatch> stream(int epoch, int[] order, int firstStep) {
        int[] own = ofPart(order);
        return new BatchStream<>(
                new Pass(epoch, order, own, images.inOrder(own, firstStep * imagesOfPart)), firstStep, threads);
    }

    /** The images of the part's batches, one batch after another. */
    private int[] ofPart(int[] order) {
        return IntStream.range(0, order.length)
                .filter(i -> i % batchSize >= firstOfPart && i % batchSize < firstOfPart + imagesOfPart)
                .map(i -> order[i])
                .toArray();
    }

    private int viewBytes() {
        return view.size() * view.size() * 3;
    }

    private final class Pass implements BatchSource<LabeledBatch> {
        private final int epoch;
        private final int[] order;
        private final int[] own;
        private final DecodedImages.Ordered ordered;

        Pass(int epoch, int[] order, int[] own, DecodedImages.Ordered ordered) {
            this.epoch = epoch;
            this.order = order;
            this.own = own;
            this.ordered = ordered;
        }

        @Override
        public int batches() {
            return (order.length + batchSize - 1) / batchSize;
        }

        @Override
        public LabeledBatch allocate(int step) {
            var pixels = buffers.acquire();
            int from = step * batchSize;
            int[] indices = Arrays.copyOfRange(order, from, Math.min(from + batchSize, order.length));
            int[] labels = IntStream.of(indices).map(images::label).toArray();
            return new LabeledBatch(
                    pixels.limit(items(step) * viewBytes()),
                    items(step),
                    labels,
                    indices,
                    () -> buffers.release(pixels));
        }

        @Override
        public int items(int step) {
            return Math.min(imagesOfPart, Math.max(0, own.length - step * imagesOfPart));
        }

        @Override
        public void fill(LabeledBatch batch, int step, int item) {
            int position = step * imagesOfPart + item;
            int index = own[position];
            byte[] pixels = new byte[viewBytes()];
            ordered.use(
                    position, view.size(), image -> view.write(image, CounterRandom.of(seed, epoch, index), pixels));
            batch.images().put(item * pixels.length, pixels);
        }

        @Override
        public void close() {
            ordered.close();
        }
    }
}
