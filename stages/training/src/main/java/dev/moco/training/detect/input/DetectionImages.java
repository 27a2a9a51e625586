package dev.moco.training.detect.input;

import dev.moco.contract.DetectConfig;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.Sample;
import dev.moco.training.data.decode.ImageDecoder;
import dev.moco.training.data.loader.DecodedImages;
import dev.moco.training.data.pillow.Flip;
import dev.moco.training.data.pillow.PillowResize;
import dev.moco.training.detect.boxes.Boxes;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;

/** Images of a data set in the form the detector reads: upright, resized by their shortest edge. Thread-safe. */
public record DetectionImages(ImageSet images, DetectConfig.Input input, ImageDecoder decoder) {

    /** A training image with its objects, at a random size, mirrored with probability 1/2. */
    TrainingImage forTraining(int index, RandomGenerator random) {
        return useUpright(index, upright -> forTraining(index, upright, random));
    }

    private TrainingImage forTraining(int index, RgbImage upright, RandomGenerator random) {
        int shortSide = input.trainSizes().get(random.nextInt(input.trainSizes().size()));
        boolean mirror = random.nextBoolean();
        RgbImage resized = resize(upright, shortSide);
        List<Sample.GroundTruth> truths = images.sample(index).objects();
        Boxes boxes = boxes(truths)
                .scale((double) resized.width() / upright.width(), (double) resized.height() / upright.height());
        if (mirror) {
            byte[] pixels = resized.pixels().clone();
            Flip.horizontal(pixels, resized.width(), resized.height());
            resized = new RgbImage(resized.width(), resized.height(), pixels);
            boxes = boxes.mirror(resized.width());
        }
        Boxes clipped = boxes.clip(resized.width(), resized.height());
        int[] kept = clipped.nonEmpty();
        int[] classes = new int[kept.length];
        for (int i = 0; i < kept.length; i++) {
            classes[i] = truths.get(kept[i]).label();
        }
        return new TrainingImage(resized, clipped.select(kept), classes);
    }

    /** An upright image at the test size. */
    public RgbImage forTest(RgbImage upright) {
        return resize(upright, input.testSize());
    }

    /** Decodes an image, applies its EXIF orientation, and makes something of it: {@link DecodedImages#useUpright}. */
    public <T> T useUpright(int index, Function<RgbImage, T> use) {
        return DecodedImages.useUpright(images, index, decoder, input.maxSize(), use);
    }

    private RgbImage resize(RgbImage image, int shortSide) {
        ResizedSize size = ResizedSize.shortestEdge(image.width(), image.height(), shortSide, input.maxSize());
        return PillowResize.resize(image, size.width(), size.height());
    }

    private static Boxes boxes(List<Sample.GroundTruth> truths) {
        return new Boxes(truths.stream()
                .flatMapToDouble(truth -> DoubleStream.of(truth.x1(), truth.y1(), truth.x2(), truth.y2()))
                .toArray());
    }
}
