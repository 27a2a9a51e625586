package dev.moco.training.data.device;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.training.data.augment.ColorJitter;
import dev.moco.training.data.augment.ColorJitter.Adjustment;
import dev.moco.training.data.augment.ViewParameters;
import dev.moco.training.data.augment.ViewTransforms;
import dev.moco.training.data.pillow.GaussianBlur.BlurBox;
import dev.moco.training.data.pillow.Hue;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Random parameters of a batch as arguments of {@code views.py}: numbers of each image, and indices of the images to
 * which a transform is applied.
 *
 * @param draws parameters of each image
 */
record ParameterLists(List<ViewParameters> draws) {
    private static final int POSITIONS = Adjustment.values().length;
    /** Numbers of a blend: its weight, the share of the mean luma, and the share of each pixel's own luma. */
    private static final int NUMBERS = 3;

    /** Lists left, top, width and height of each crop. */
    long[] boxes() {
        return draws.stream()
                .map(ViewParameters::crop)
                .flatMapToLong(crop -> LongStream.of(crop.left(), crop.top(), crop.width(), crop.height()))
                .toArray();
    }

    static long[] steps(ViewTransforms transforms) {
        return transforms.order().stream()
                .mapToLong(step -> switch (step) {
                    case COLOR_JITTER -> 0;
                    case GRAYSCALE -> 1;
                    case GAUSSIAN_BLUR -> 2;
                })
                .toArray();
    }

    /** Blends of the jitters, position x number x image; for images without a jitter they have no effect. */
    NDArray blends(NDManager scope) {
        int images = draws.size();
        float[] blends = new float[POSITIONS * NUMBERS * images];
        for (int image = 0; image < images; image++) {
            for (int position = 0; position < POSITIONS; position++) {
                int at = position * NUMBERS * images + image;
                blends[at] = 1;
                if (draws.get(image).jitter().isPresent()) {
                    ColorJitter jitter = draws.get(image).jitter().get();
                    Adjustment adjustment = jitter.order().get(position);
                    blends[at] = (float) weight(jitter, adjustment);
                    blends[at + images] = adjustment == Adjustment.CONTRAST ? 1 : 0;
                    blends[at + 2 * images] = adjustment == Adjustment.SATURATION ? 1 : 0;
                }
            }
        }
        return scope.create(blends, new Shape(POSITIONS, NUMBERS, images));
    }

    private static double weight(ColorJitter jitter, Adjustment adjustment) {
        return switch (adjustment) {
            case BRIGHTNESS -> jitter.brightness();
            case CONTRAST -> jitter.contrast();
            case SATURATION -> jitter.saturation();
            case HUE -> 1;
        };
    }

    /** Indices of the images with a hue shift, ordered by its position in the jitter. */
    long[] shifted() {
        return IntStream.range(0, POSITIONS)
                .mapToObj(this::shiftedAt)
                .flatMapToLong(LongStream::of)
                .toArray();
    }

    /** End of each position's images in {@link #shifted}. */
    long[] ends() {
        long[] ends = IntStream.range(0, POSITIONS)
                .mapToLong(position -> shiftedAt(position).length)
                .toArray();
        Arrays.parallelPrefix(ends, Long::sum);
        return ends;
    }

    /** Hue shifts of the images in {@link #shifted}, in steps of the 8-bit hue. */
    long[] hueSteps() {
        return LongStream.of(shifted())
                .map(image ->
                        Hue.steps(draws.get((int) image).jitter().orElseThrow().hue()))
                .toArray();
    }

    private long[] shiftedAt(int position) {
        return where(draw -> draw.jitter()
                .filter(jitter -> jitter.order().get(position) == Adjustment.HUE)
                .isPresent());
    }

    long[] gray() {
        return where(ViewParameters::grayscale);
    }

    long[] blurred() {
        return where(draw -> draw.sigma().isPresent());
    }

    /** Weights by distance for each image in {@link #blurred}, padded to the widest blur. */
    long[] kernels() {
        List<BlurBox> boxes = draws.stream()
                .flatMap(draw -> draw.sigma().stream().boxed())
                .map(BlurBox::of)
                .toList();
        int widest = boxes.stream().mapToInt(BlurBox::radius).max().orElse(0);
        return boxes.stream()
                .flatMapToLong(box -> IntStream.rangeClosed(0, widest + 1).mapToLong(box::weightAt))
                .toArray();
    }

    long[] flipped() {
        return where(ViewParameters::flip);
    }

    private long[] where(Predicate<ViewParameters> condition) {
        return IntStream.range(0, draws.size())
                .filter(image -> condition.test(draws.get(image)))
                .asLongStream()
                .toArray();
    }
}
