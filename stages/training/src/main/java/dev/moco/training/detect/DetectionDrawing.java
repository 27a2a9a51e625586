package dev.moco.training.detect;

import dev.moco.training.data.RgbImage;
import dev.moco.training.data.Sample;
import dev.moco.training.detect.evaluate.Detection;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/** Drawing of a test image: ground-truth boxes in white, detections in the color of their class. */
final class DetectionDrawing {
    private static final int WHITE = 0xffffff;
    private static final int[] COLORS = {
        0xe6194b, 0x3cb44b, 0x4363d8, 0xffe119, 0xf58231, 0x911eb4, 0x46f0f0, 0xf032e6, 0xbcf60c, 0x008080
    };

    /** Minimum score of a detection to be drawn. */
    private static final double MIN_SCORE = .5;

    /** Smaller images are enlarged to about this width. */
    private static final int MIN_WIDTH = 320;

    private final BufferedImage drawing;
    private final int zoom;

    private DetectionDrawing(RgbImage image) {
        this.zoom = Math.max(1, MIN_WIDTH / image.width());
        this.drawing = new BufferedImage(image.width() * zoom, image.height() * zoom, BufferedImage.TYPE_INT_RGB);
        byte[] pixels = image.pixels();
        for (int y = 0; y < drawing.getHeight(); y++) {
            for (int x = 0; x < drawing.getWidth(); x++) {
                int at = 3 * (y / zoom * image.width() + x / zoom);
                drawing.setRGB(
                        x, y, (pixels[at] & 0xff) << 16 | (pixels[at + 1] & 0xff) << 8 | (pixels[at + 2] & 0xff));
            }
        }
    }

    static void write(RgbImage image, List<Sample.GroundTruth> truths, List<Detection> detections, Path png)
            throws IOException {
        DetectionDrawing drawing = new DetectionDrawing(image);
        truths.forEach(truth -> drawing.box(truth.x1(), truth.y1(), truth.x2(), truth.y2(), 1, WHITE));
        for (Detection found : detections) {
            if (found.score() >= MIN_SCORE) {
                int color = COLORS[found.label() % COLORS.length];
                drawing.box(found.x1(), found.y1(), found.x2(), found.y2(), 2, color);
            }
        }
        ImageIO.write(drawing.drawing, "png", png.toFile());
    }

    private void box(double x1, double y1, double x2, double y2, int line, int color) {
        int left = (int) Math.round(x1 * zoom);
        int top = (int) Math.round(y1 * zoom);
        int right = (int) Math.round(x2 * zoom);
        int bottom = (int) Math.round(y2 * zoom);
        fill(left, top, right, top + line, color);
        fill(left, bottom - line, right, bottom, color);
        fill(left, top, left + line, bottom, color);
        fill(right - line, top, right, bottom, color);
    }

    private void fill(int left, int top, int right, int bottom, int color) {
        for (int y = Math.max(0, top); y < Math.min(bottom, drawing.getHeight()); y++) {
            for (int x = Math.max(0, left); x < Math.min(right, drawing.getWidth()); x++) {
                drawing.setRGB(x, y, color);
            }
        }
    }
}
