package dev.moco.training.data;

import com.fasterxml.jackson.databind.JsonNode;

/** Images in the vector files: nested lists of rows, columns and channels. */
public final class VectorPixels {
    private VectorPixels() {}

    /** An image from height x width x 3 numbers. */
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

    /** The bytes of an image, row by row. */
    public static byte[] bytes(JsonNode rows) {
        return image(rows).pixels();
    }
}
