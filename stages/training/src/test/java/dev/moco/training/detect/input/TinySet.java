package dev.moco.training.detect.input;

import dev.moco.training.Pngs;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.Sample;
import dev.moco.training.detect.boxes.Boxes;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** A data set of images from {@link TinyScenes}, encoded as PNG. */
public final class TinySet implements ImageSet {
    private final List<Sample> samples = new ArrayList<>();
    private final List<byte[]> encoded = new ArrayList<>();

    public TinySet(int size, long seed) {
        for (int i = 0; i < size; i++) {
            int width = i % 3 == 0 ? 80 : 64;
            TrainingImage scene = TinyScenes.image(width, 72, CounterRandom.of(seed, i));
            List<Sample.GroundTruth> truths = new ArrayList<>();
            for (int object = 0; object < scene.classes().length; object++) {
                Boxes boxes = scene.objects();
                truths.add(new Sample.GroundTruth(
                        scene.classes()[object],
                        boxes.x1(object),
                        boxes.y1(object),
                        boxes.x2(object),
                        boxes.y2(object),
                        false));
            }
            samples.add(new Sample("scene" + i, width, 72, -1, truths));
            encoded.add(png(scene.pixels()));
        }
    }

    @Override
    public int size() {
        return samples.size();
    }

    @Override
    public List<String> classNames() {
        return List.of("red", "green", "blue");
    }

    @Override
    public Sample sample(int index) {
        return samples.get(index);
    }

    @Override
    public byte[] encoded(int index) {
        return encoded.get(index);
    }

    private static byte[] png(RgbImage image) {
        BufferedImage buffer = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        byte[] pixels = image.pixels();
        for (int i = 0; i < image.width() * image.height(); i++) {
            buffer.setRGB(
                    i % image.width(),
                    i / image.width(),
                    (pixels[3 * i] & 0xff) << 16 | (pixels[3 * i + 1] & 0xff) << 8 | (pixels[3 * i + 2] & 0xff));
        }
        return Pngs.encode(buffer);
    }
}
