package dev.moco.training.data.loader;

import dev.moco.contract.StageFailure;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.EpochOrder;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.augment.PretrainView;
import dev.moco.training.data.augment.ViewParameters;

/**
 * Loads the batches of pre-training. The epoch's order and each view are functions of seed, epoch and image, so neither
 * the number of threads nor resuming changes them.
 */
public final class ViewLoader implements AutoCloseable {
    private static final int QUERY = 0;
    private static final int KEY = 1;

    private final DecodedImages images;
    private final PretrainView view;
    private final ViewPlace place;
    private final BatchRule rule;
    private final BatchPart part;
    private final long seed;
    private final LoaderThreads threads;
    private final BufferPool buffers;

    /**
     * Starts the threads of a loader of full batches.
     *
     * @param view view, drawn twice for each image
     * @param place the part of the work that the loader does
     * @param batchSize images a step, all ranks together
     */
    public ViewLoader(DecodedImages images, PretrainView view, ViewPlace place, int batchSize, long seed, int threads) {
        this(images, view, place, BatchRule.full(batchSize), BatchPart.WHOLE, seed, threads);
    }

    /**
     * Starts the threads of a loader that fills a part of each batch, the same images with the same views as a loader of
     * whole batches has there.
     */
    public ViewLoader(
            DecodedImages images,
            PretrainView view,
            ViewPlace place,
            BatchRule rule,
            BatchPart part,
            long seed,
            int threads) {
        if (rule.size() > images.size()) {
            throw StageFailure.badConfig("batch size " + rule.size()
                    + " must not exceed the number of training images, found " + images.size() + " images");
        }
        this.images = images;
        this.view = view;
        this.place = place;
        this.rule = rule;
        this.part = part;
        this.seed = seed;
        this.threads = new LoaderThreads(threads);
        this.buffers = new BufferPool(part.images(rule.size()) * viewBytes());
    }

    /** The part of the work that the loader does. */
    public ViewPlace place() {
        return place;
    }

    public int stepsPerEpoch() {
        return rule.batches(images.size());
    }

    /** Returns the batches of an epoch from {@code firstStep} on; one epoch at a time. */
    public BatchStream<ViewBatch> epoch(int epoch, int firstStep) {
        int[] order = ofPart(EpochOrder.of(seed, epoch, images.size()));
        return new BatchStream<>(
                new Epoch(epoch, order, images.inOrder(order, firstStep * part.images(rule.size()))),
                firstStep,
                threads);
    }

    /** Images of all batches of the epoch, with those that fill up the last. */
    public long imagesPerEpoch() {
        int last = stepsPerEpoch() - 1;
        return (long) last * rule.size() + rule.size(last, images.size());
    }

    /** The images of the part's batches, one batch after another. */
    private int[] ofPart(int[] order) {
        int[] own = new int[Math.toIntExact(imagesPerEpoch() / part.parts())];
        int at = 0;
        for (int step = 0; step < stepsPerEpoch(); step++) {
            int first = step * rule.size() + part.first(rule.size(step, order.length));
            for (int i = 0; i < items(step); i++) {
                own[at++] = order[(first + i) % order.length];
            }
        }
        return own;
    }

    /** Images of the part in a step. */
    private int items(int step) {
        return part.images(rule.size(step, images.size()));
    }

    @Override
    public void close() {
        threads.close();
    }

    private int viewBytes() {
        return place == ViewPlace.ALL_ON_DEVICE ? 0 : view.size() * view.size() * 3;
    }

    private final class Epoch implements BatchSource<ViewBatch> {
        private final int epoch;
        private final int[] order;
        private final DecodedImages.Ordered ordered;

        Epoch(int epoch, int[] order, DecodedImages.Ordered ordered) {
            this.epoch = epoch;
            this.order = order;
            this.ordered = ordered;
        }

        @Override
        public int batches() {
            return stepsPerEpoch();
        }

        @Override
        public ViewBatch allocate(int step) {
            int count = ViewLoader.this.items(step);
            ViewBatch.Views query = views(count);
            ViewBatch.Views key = rule.bothViews() ? views(count) : ViewBatch.Views.NONE;
            return new ViewBatch(
                    query,
                    key,
                    new RgbImage[place == ViewPlace.ALL_ON_DEVICE ? count : 0],
                    new int[count],
                    new int[count],
                    () -> {
                        buffers.release(query.pixels());
                        if (rule.bothViews()) {
                            buffers.release(key.pixels());
                        }
                    });
        }

        private ViewBatch.Views views(int count) {
            return new ViewBatch.Views(buffers.acquire().limit(count * viewBytes()), new ViewParameters[count]);
        }

        @Override
        public int items(int step) {
            return ViewLoader.this.items(step);
        }

        @Override
        public void fill(ViewBatch batch, int step, int item) {
            int position = step * part.images(rule.size()) + item;
            int index = order[position];
            ordered.use(position, view.size(), image -> {
                fill(batch.query(), item, image, CounterRandom.of(seed, epoch, index, QUERY));
                if (rule.bothViews()) {
                    fill(batch.key(), item, image, CounterRandom.of(seed, epoch, index, KEY));
                }
                if (place == ViewPlace.ALL_ON_DEVICE) {
                    batch.images()[item] = image;
                }
            });
            batch.labels()[item] = images.label(index);
            batch.indices()[item] = index;
        }

        @Override
        public void close() {
            ordered.close();
        }

        private void fill(ViewBatch.Views views, int item, RgbImage image, CounterRandom random) {
            ViewParameters draw = view.draw(image, random);
            views.draws()[item] = draw;
            byte[] pixels = new byte[viewBytes()];
            switch (place) {
                case HOST -> draw.apply(view.transforms(), image, view.size(), pixels);
                case COLOR_ON_DEVICE -> draw.crop(image, view.size(), pixels);
                case ALL_ON_DEVICE -> {}
            }
            views.pixels().put(item * pixels.length, pixels);
        }
    }
}
