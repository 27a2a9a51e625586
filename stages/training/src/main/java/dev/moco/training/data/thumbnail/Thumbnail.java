package dev.moco.training.data.thumbnail;

import dev.moco.contract.Picture;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.pillow.PillowResize;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Makes small pictures for the report. */
public final class Thumbnail {
    private static final float[] QUALITIES = {0.85f, 0.6f, 0.3f, 0.1f};
    private static final int MAX_LABEL = 256;

    private Thumbnail() {}

    /** A picture whose longer side has at most so many pixels. */
    public static Picture of(String label, RgbImage image, int longest) {
        double scale = Math.min(1, (double) longest / Math.max(image.width(), image.height()));
        RgbImage small =
                PillowResize.resize(image, Math.max(1, (int) Math.round(image.width() * scale)), Math.max(1, (int)
                        Math.round(image.height() * scale)));
        byte[] jpeg = jpeg(small);
        if (jpeg.length > Picture.MAX_BYTES) {
            return of(label, image, Math.max(1, longest / 2));
        }
        String shown = label.substring(0, Math.min(MAX_LABEL, label.length()));
        return new Picture(shown, small.width(), small.height(), jpeg);
    }

    /** A JPEG of the best quality that is small enough, or the worst. */
    private static byte[] jpeg(RgbImage image) {
        BufferedImage pixels = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        int[] row = new int[image.width()];
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < row.length; x++) {
                int at = 3 * (y * row.length + x);
                byte[] from = image.pixels();
                row[x] = (from[at] & 0xff) << 16 | (from[at + 1] & 0xff) << 8 | (from[at + 2] & 0xff);
            }
            pixels.setRGB(0, y, row.length, 1, row, 0, row.length);
        }
        byte[] jpeg = new byte[0];
        for (float quality : QUALITIES) {
            jpeg = jpeg(pixels, quality);
            if (jpeg.length <= Picture.MAX_BYTES) {
                break;
            }
        }
        return jpeg;
    }

    private static byte[] jpeg(BufferedImage pixels, float quality) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            param.setCompressionQuality(quality);
            writer.setOutput(out);
            writer.write(null, new IIOImage(pixels, null, null), param);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
