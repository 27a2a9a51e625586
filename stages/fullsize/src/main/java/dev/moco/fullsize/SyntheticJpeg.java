package dev.moco.fullsize;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.SplittableRandom;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** Makes JPEGs that are as hard to compress and decode as photographs: noise of every scale, strongest in the coarse. */
final class SyntheticJpeg {
    private static final int COARSEST = 64;

    private SyntheticJpeg() {}

    /** The JPEG of a number, the same bytes at every call. */
    static byte[] of(int number, int width, int height) {
        SplittableRandom random = new SplittableRandom(number);
        // Fine detail decides about the size of an image.
        float detail = 0.7f + random.nextInt(1000) / 1000f;
        float[] light = noise(random, width, height, 1, detail);
        float[] red = noise(random, width, height, 8, 1);
        float[] blue = noise(random, width, height, 8, 1);
        int[] pixels = new int[width * height];
        for (int i = 0; i < pixels.length; i++) {
            float base = 128 + 70 * light[i];
            pixels[i] = level(base + 30 * red[i]) << 16 | level(base) << 8 | level(base + 30 * blue[i]);
        }
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, width, height, pixels, 0, width);
        return encode(image, 0.976f);
    }

    private static int level(float value) {
        return Math.max(0, Math.min(255, Math.round(value)));
    }

    /** A sum of grids of random numbers, each half as coarse as the one before and weaker. */
    private static float[] noise(SplittableRandom random, int width, int height, int finest, float detail) {
        float[] sum = new float[width * height];
        float strength = 1;
        for (int step = COARSEST; step >= finest; step /= 2) {
            add(random, sum, width, height, step, strength);
            strength *= 0.62f * (step <= 4 ? detail : 1);
        }
        return sum;
    }

    private static void add(SplittableRandom random, float[] sum, int width, int height, int step, float strength) {
        int columns = width / step + 2;
        float[] grid = new float[columns * (height / step + 2)];
        for (int i = 0; i < grid.length; i++) {
            grid[i] = strength * (random.nextInt(2001) / 1000f - 1);
        }
        for (int y = 0; y < height; y++) {
            int row = y / step * columns;
            float down = (y % step) / (float) step;
            for (int x = 0; x < width; x++) {
                int cell = row + x / step;
                float right = (x % step) / (float) step;
                float above = grid[cell] + right * (grid[cell + 1] - grid[cell]);
                float below = grid[cell + columns] + right * (grid[cell + columns + 1] - grid[cell + columns]);
                sum[y * width + x] += above + down * (below - above);
            }
        }
    }

    private static byte[] encode(BufferedImage image, float quality) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionQuality(quality);
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
