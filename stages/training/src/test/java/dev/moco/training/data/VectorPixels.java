package dev.moco.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.data.pillow.Planes;
import java.util.stream.IntStream;

/** Images in the vector files: nested lists of rows, columns and channels. */
public final class VectorPixels {
    private VectorPixels() {}

    /** Reads an image from height x width x 3 numbers. */
    public static RgbImage image(JsonNode rows) {
        byte[] pixels = new byte[rows.size() * rows.get(0).size() * 3];
        int at = 0;
        for (JsonNode row : rows) {
            for (JsonNode pixel : row) {
                for (JsonNode channel : pixel) {
                    pixels[at++] = (byte) channel.intValue();
                }
            }
        }
        return new RgbImage(rows.get(0).size(), rows.size(), pixels);
    }

    /** Reads an image from height x width x 3 numbers into one plane for each channel. */
    public static Planes planes(JsonNode rows) {
        RgbImage image = image(rows);
        return new Planes(image.width(), image.height(), channel(image, 0), channel(image, 1), channel(image, 2));
    }

    private static int[] channel(RgbImage image, int channel) {
        return IntStream.range(0, image.width() * image.height())
                .map(pixel -> image.pixels()[3 * pixel + channel] & 0xff)
                .toArray();
    }

    /** Returns the bytes of an image, row by row. */
    public static byte[] bytes(Planes image) {
        byte[] pixels = new byte[image.width() * image.height() * 3];
        image.write(pixels);
        return pixels;
    }

    /** Returns the bytes of an image, row by row. */
    public static byte[] bytes(JsonNode rows) {
        return image(rows).pixels();
    }
}
