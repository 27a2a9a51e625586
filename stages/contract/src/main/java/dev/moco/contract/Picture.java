package dev.moco.contract;

/**
 * A small picture for the report.
 *
 * @param label class or name; empty without one
 * @param width columns
 * @param height rows
 * @param jpeg the picture as JPEG, at most {@link #MAX_BYTES}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Picture(String label, int width, int height, byte[] jpeg) {
    /** Most bytes of a picture, so that it is a string of JSON that a reader accepts. */
    public static final int MAX_BYTES = 48_000;

    private static final int MAX_SIDE = 4096;
    private static final int MAX_LABEL = 256;

    public Picture {
        Bounds.text("label of a picture", label, MAX_LABEL);
        Bounds.count("columns of a picture", width, MAX_SIDE);
        Bounds.count("rows of a picture", height, MAX_SIDE);
        Bounds.notNegative("columns of a picture", width);
        Bounds.notNegative("rows of a picture", height);
        Bounds.count("bytes of a picture", jpeg.length, MAX_BYTES);
    }
}
