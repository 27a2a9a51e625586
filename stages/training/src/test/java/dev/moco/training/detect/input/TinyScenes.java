package dev.moco.training.detect.input;

import dev.moco.contract.Architecture;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.Precision;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.RgbImage;
import dev.moco.training.detect.boxes.Boxes;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Generates images with one or two squares on gray noise; their color, red, green or blue, is their class. */
public final class TinyScenes {
    public static final int CLASSES = 3;

    private TinyScenes() {}

    /** Configuration of a detector that learns these images within seconds. */
    public static DetectConfig config(int iterations, int batch, int ranks) {
        return new DetectConfig(
                Architecture.RESNET10W16,
                new DetectConfig.Input(List.of(64), 64, 96),
                new DetectConfig.Anchors(List.of(16, 32), List.of(1.0)),
                new DetectConfig.Proposals(64, .5, 200, 50, 200, 50, .7),
                new DetectConfig.Regions(32, .25, 6, .05, .5, 10),
                new DetectConfig.Solver(iterations, batch, ranks, .05, .9, 1e-4, List.of(iterations * 3 / 4), 5, .001),
                2,
                Precision.FLOAT32,
                7);
    }

    public static List<List<TrainingImage>> ranks(int ranks, int images, long seed) {
        List<List<TrainingImage>> all = new ArrayList<>();
        for (int rank = 0; rank < ranks; rank++) {
            List<TrainingImage> ofRank = new ArrayList<>();
            for (int i = 0; i < images; i++) {
                ofRank.add(image(64 + 8 * rank, 64, CounterRandom.of(seed, rank, i)));
            }
            all.add(ofRank);
        }
        return all;
    }

    public static TrainingImage image(int width, int height, RandomGenerator random) {
        byte[] pixels = new byte[3 * width * height];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (100 + random.nextInt(40));
        }
        int count = 1 + random.nextInt(2);
        int[] classes = new int[count];
        double[] corners = new double[4 * count];
        for (int object = 0; object < count; object++) {
            int side = 14 + random.nextInt(14);
            int left = object * width / 2 + random.nextInt(width / 2 - side);
            int top = random.nextInt(height - side);
            classes[object] = random.nextInt(CLASSES);
            for (int y = top; y < top + side; y++) {
                for (int x = left; x < left + side; x++) {
                    for (int channel = 0; channel < 3; channel++) {
                        pixels[3 * (y * width + x) + channel] = (byte) (channel == classes[object] ? 220 : 40);
                    }
                }
            }
            corners[4 * object] = left;
            corners[4 * object + 1] = top;
            corners[4 * object + 2] = left + side;
            corners[4 * object + 3] = top + side;
        }
        return new TrainingImage(new RgbImage(width, height, pixels), new Boxes(corners), classes);
    }
}
