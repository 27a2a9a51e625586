package dev.moco.training.data.loader;

import dev.moco.contract.StageFailure;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.EpochOrder;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.augment.View;

/**
 * Loads the batches of pre-training: the epoch's order and every view are functions of seed, epoch and image, so
 * neither threads nor resuming change them. An incomplete last batch is dropped, as the queue needs whole ones.
 */
public final class ViewLoader implements AutoCloseable {
    private static final int QUERY = 0;
    private static final int KEY = 1;

    private final DecodedImages images;
    private final View view;
    private final int batchSize;
    private final long seed;
    private final LoaderThreads threads;
    private final ByteBuffers buffers;

    /**
     * Starts the threads.
     *
     * @param view drawn twice for each image
     * @param batchSize images a step, all ranks together
     */
    public ViewLoader(DecodedImages images, View view, int batchSize, long seed, int threads) {
        if (batchSize > images.size()) {
            throw StageFailure.badConfig("batch size " + batchSize
                    + " must not exceed the number of training images, found " + images.size() + " images");
        }
        this.images = images;
        this.view = view;
        this.batchSize = batchSize;
        this.seed = seed;
        this.threads = new LoaderThreads(threads);
        this.buffers = new ByteBuffers(batchSize * viewBytes());
    }

    public int stepsPerEpoch() {
        return images.size() / batchSize;
    }

    /** The batches of an epoch from a step of it on; one epoch at a time. */
    public BatchStream<ViewBatch> epoch(int epoch, int firstStep) {
        return new BatchStream<>(new Epoch(epoch, EpochOrder.of(seed, epoch, images.size())), firstStep, threads);
    }

    @Override
    public void close() {
        threads.close();
    }

    private int viewBytes() {
        return view.size() * view.size() * 3;
    }

    private final class Epoch implements BatchSource<ViewBatch> {
        private final int epoch;
        private final int[] order;

        Epoch(int epoch, int[] order) {
            this.epoch = epoch;
            this.order = order;
        }

        @Override
        public int batches() {
            return stepsPerEpoch();
        }

        @Override
        public ViewBatch allocate(int step) {
            var query = buffers.take();
            var key = buffers.take();
            return new ViewBatch(query, key, new int[batchSize], new int[batchSize], () -> {
                buffers.giveBack(query);
                buffers.giveBack(key);
            });
        }

        @Override
        public int items(int step) {
            return batchSize;
        }

        @Override
        public void fill(ViewBatch batch, int step, int item) {
            int index = order[step * batchSize + item];
            RgbImage image = images.get(index);
            byte[] pixels = new byte[viewBytes()];
            view.write(image, CounterRandom.of(seed, epoch, index, QUERY), pixels);
            batch.query().put(item * pixels.length, pixels);
            view.write(image, CounterRandom.of(seed, epoch, index, KEY), pixels);
            batch.key().put(item * pixels.length, pixels);
            batch.labels()[item] = images.label(index);
            batch.indices()[item] = index;
        }
    }
}
