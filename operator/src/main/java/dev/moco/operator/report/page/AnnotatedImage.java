package dev.moco.operator.report.page;

import java.util.List;

/**
 * A picture with boxes.
 *
 * @param caption text below it
 * @param alt what it shows
 * @param base64 JPEG
 * @param width columns
 * @param height rows
 * @param font size of its texts, in pixels of the picture
 * @param line width of its lines
 * @param boxes boxes, the last on top
 */
public record AnnotatedImage(
        String caption, String alt, String base64, int width, int height, String font, String line, List<Box> boxes) {
    public AnnotatedImage {
        boxes = List.copyOf(boxes);
    }

    /**
     * A box.
     *
     * @param kind {@code truth}, or {@code found} and the class of its color
     * @param label text at its corner; empty for none
     * @param textX where the text begins
     * @param textY baseline of the text
     */
    public record Box(
            String kind, String x, String y, String width, String height, String label, String textX, String textY) {}
}
