package dev.moco.training.detect.input;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.training.data.RgbImage;
import java.util.List;
import java.util.stream.IntStream;

/** Batches images in one tensor: normalizes them, then pads them with zeros at the right and the bottom to one size. */
public final class ImageBatch {
    /** ImageNet's mean red, green and blue, in 0 to 255, as in coco_R_50_C4_2x_moco.yaml. */
    private static final float[] MEAN = {123.675f, 116.28f, 103.53f};

    /** ImageNet's standard deviations, likewise. */
    private static final float[] DEVIATION = {58.395f, 57.12f, 57.375f};

    private ImageBatch() {}

    /** Returns a float32 tensor of images x 3 x height x width. */
    public static NDArray tensor(NDManager manager, List<RgbImage> images) {
        return tensors(manager, List.of(images)).singletonOrThrow();
    }

    /** Returns such a tensor for each batch; all images are written at the same time. */
    public static NDList tensors(NDManager manager, List<List<RgbImage>> batches) {
        List<Padded> padded = batches.stream().map(Padded::of).toList();
        padded.parallelStream()
                .forEach(batch ->
                        IntStream.range(0, batch.images.size()).parallel().forEach(batch::write));
        NDList tensors = new NDList();
        padded.forEach(batch -> tensors.add(
                manager.create(batch.values, new Shape(batch.images.size(), 3, batch.height, batch.width))));
        return tensors;
    }

    /** A batch with the size of its highest and its widest image. */
    @SuppressWarnings("ArrayRecordComponent") // soon copied to a tensor
    private record Padded(List<RgbImage> images, int height, int width, float[] values) {
        static Padded of(List<RgbImage> images) {
            int height = images.stream().mapToInt(RgbImage::height).max().orElseThrow();
            int width = images.stream().mapToInt(RgbImage::width).max().orElseThrow();
            float[] values = new float[Math.multiplyExact(images.size() * 3, height * width)];
            return new Padded(images, height, width, values);
        }

        void write(int i) {
            int plane = height * width;
            ImageBatch.write(images.get(i), values, 3 * i * plane, plane, width);
        }
    }

    private static void write(RgbImage image, float[] values, int offset, int plane, int width) {
        byte[] pixels = image.pixels();
        int at = 0;
        for (int y = 0; y < image.height(); y++) {
            int row = offset + y * width;
            for (int x = 0; x < image.width(); x++) {
                for (int channel = 0; channel < 3; channel++) {
                    values[row + channel * plane + x] = ((pixels[at++] & 0xff) - MEAN[channel]) / DEVIATION[channel];
                }
            }
        }
    }
}
