package dev.moco.training.detect;

import ai.djl.ndarray.NDManager;
import dev.moco.contract.DetectConfig;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.RgbImage;
import dev.moco.training.detect.boxes.Boxes;
import dev.moco.training.detect.input.TrainingImage;
import dev.moco.training.detect.model.Detector;
import dev.moco.training.detect.model.DetectorState;
import dev.moco.training.detect.model.InitialWeights;
import java.util.ArrayList;
import java.util.List;

/** Runs the detector on random images and boxes, to measure its time and memory. */
public final class DetectorWorkload implements AutoCloseable {
    /** Classes of VOC. */
    private static final int CLASSES = 20;

    private final Detector detector;
    private final DetectorState state;
    private final List<List<TrainingImage>> ranks;

    /**
     * Draws weights, images and boxes.
     *
     * @param config configuration; its solver has the batch size and the number of ranks
     * @param boxes objects in each image, each a third as wide and high as the image
     */
    public DetectorWorkload(NDManager manager, DetectConfig config, int height, int width, int boxes) {
        this.detector = new Detector(manager.getDevice(), config, CLASSES);
        this.state = DetectorState.start(manager, InitialWeights.draw(detector.layout(), config.seed()));
        this.ranks = new ArrayList<>();
        for (int rank = 0; rank < config.solver().ranks(); rank++) {
            List<TrainingImage> images = new ArrayList<>();
            for (int i = 0; i < config.solver().batchSize() / config.solver().ranks(); i++) {
                images.add(image(height, width, boxes, CounterRandom.of(config.seed(), rank, i)));
            }
            ranks.add(images);
        }
    }

    private static TrainingImage image(int height, int width, int boxes, CounterRandom random) {
        byte[] pixels = new byte[Math.multiplyExact(3 * width, height)];
        random.nextBytes(pixels);
        double[] corners = new double[4 * boxes];
        int[] classes = new int[boxes];
        for (int box = 0; box < boxes; box++) {
            double left = random.uniform(0, width / 2.0);
            double top = random.uniform(0, height / 2.0);
            corners[4 * box] = left;
            corners[4 * box + 1] = top;
            corners[4 * box + 2] = left + width / 3.0;
            corners[4 * box + 3] = top + height / 3.0;
            classes[box] = random.nextInt(CLASSES);
        }
        return new TrainingImage(new RgbImage(width, height, pixels), new Boxes(corners), classes);
    }

    /** Runs one iteration on all images. */
    public void train(int iteration, double learningRate) {
        detector.train(state, ranks, iteration, learningRate);
    }

    /** Detects the objects of every image, one image after the other. */
    public void detect() {
        for (List<TrainingImage> images : ranks) {
            for (TrainingImage image : images) {
                RgbImage pixels = image.pixels();
                detector.detect(state, pixels, pixels.width(), pixels.height());
            }
        }
    }

    @Override
    public void close() {
        state.close();
        detector.close();
    }
}
