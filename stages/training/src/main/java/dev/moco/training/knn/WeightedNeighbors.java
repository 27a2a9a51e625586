package dev.moco.training.knn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.KnnMonitor;
import dev.moco.training.data.augment.EvaluationView;
import dev.moco.training.data.loader.BatchStream;
import dev.moco.training.data.loader.DecodedImages;
import dev.moco.training.data.loader.LabeledBatch;
import dev.moco.training.data.loader.LabeledLoader;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.resnet.FeatureEncoder;
import java.util.Objects;
import java.util.function.IntConsumer;

/** Measures accuracy by weighted nearest neighbors on pooled features of unit length, with the crops of evaluation. */
public final class WeightedNeighbors implements AutoCloseable {
    private static final int BATCH = 64;

    private final TorchProgram program;
    private final NDManager manager;
    private final FeatureEncoder encoder;
    private final KnnMonitor settings;
    private final int imageSize;
    private final int threads;

    /**
     * Compiles the program.
     *
     * @param manager parent of the managers of each call
     * @param imageSize side of the crop in pixels
     * @param threads threads that prepare images
     */
    public WeightedNeighbors(
            NDManager manager, FeatureEncoder encoder, KnnMonitor settings, int imageSize, int threads) {
        this.program = TorchProgram.compile(
                manager.getDevice(), "/dev/moco/training/knn/neighbors.py", "/dev/moco/training/resnet/functional.py");
        this.manager = manager;
        this.encoder = encoder;
        this.settings = settings;
        this.imageSize = imageSize;
        this.threads = threads;
    }

    /**
     * Returns the percentage of validation images that their nearest training images classify correctly.
     *
     * @param train images whose first ones are the bank, as many as the settings say
     * @param progress is told the number of images of each batch that is done
     */
    public double top1(DecodedImages train, DecodedImages validation, int classes, IntConsumer progress)
            throws InterruptedException {
        try (NDManager scope = manager.newSubManager();
                LabeledLoader loader = loader(validation)) {
            Bank bank = bank(scope, train, Math.toIntExact(settings.bank(train.size())), progress);
            int correct = 0;
            try (BatchStream<LabeledBatch> batches = loader.inOrder()) {
                while (batches.hasNext()) {
                    try (LabeledBatch batch = batches.next();
                            NDManager step = scope.newSubManager()) {
                        correct += correct(step, bank, batch, classes);
                        progress.accept(batch.size());
                    }
                }
            }
            return 100.0 * correct / validation.size();
        }
    }

    /** Unit features, images x channels, and their labels. */
    private record Bank(NDArray features, NDArray labels) {}

    private Bank bank(NDManager scope, DecodedImages train, int size, IntConsumer progress)
            throws InterruptedException {
        long[] labels = new long[size];
        int[] indices = new int[size];
        for (int i = 0; i < size; i++) {
            indices[i] = i;
            labels[i] = train.label(i);
        }
        // Written in place: with all of ImageNet the features take 10 GB, and would take 20 while they are joined.
        NDArray bank = null;
        int written = 0;
        try (LabeledLoader loader = loader(train);
                BatchStream<LabeledBatch> batches = loader.inOrder(indices)) {
            while (batches.hasNext()) {
                try (LabeledBatch batch = batches.next();
                        NDManager step = scope.newSubManager()) {
                    NDArray features = unitFeatures(step, batch);
                    bank = bank == null
                            ? scope.zeros(new Shape(size, features.getShape().get(1)))
                            : bank;
                    program.call(step, "write_rows", bank, features, written);
                    written += batch.size();
                    progress.accept(batch.size());
                }
            }
        }
        return new Bank(Objects.requireNonNull(bank, "a data set has images"), scope.create(labels));
    }

    private int correct(NDManager step, Bank bank, LabeledBatch batch, int classes) {
        int neighbors = (int) Math.min(settings.neighbors(), bank.labels().size());
        long[] predicted = program.call(
                        step,
                        "classify",
                        bank.features(),
                        bank.labels(),
                        unitFeatures(step, batch),
                        neighbors,
                        classes,
                        settings.temperature())
                .singletonOrThrow()
                .toLongArray();
        int correct = 0;
        for (int i = 0; i < predicted.length; i++) {
            correct += predicted[i] == batch.labels()[i] ? 1 : 0;
        }
        return correct;
    }

    private NDArray unitFeatures(NDManager scope, LabeledBatch batch) {
        try (NDManager step = scope.newSubManager()) {
            NDArray features = encoder.features(step, batch.images(), batch.size(), imageSize);
            return program.call(scope, "l2_normalize", features).singletonOrThrow();
        }
    }

    private LabeledLoader loader(DecodedImages images) {
        return new LabeledLoader(images, new EvaluationView(imageSize), BATCH, 0, threads);
    }

    @Override
    public void close() {
        program.close();
    }
}
