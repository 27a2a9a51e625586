package dev.moco.training.data.decode;

import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Decodes with the JDK's libjpeg, which returns raw samples; colors are converted here. The JDK's own conversion
 * recognizes color spaces by other rules than libjpeg, applies embedded profiles, and refuses CMYK.
 *
 * <p>Its libjpeg 6b has no arithmetic coding, and fills gaps of an incomplete progressive image with other values than
 * libjpeg-turbo. Such images are refused, so that no pixel depends on the library.
 */
final class ImageIoJpegDecoder implements JpegDecoder {
    private static final int CHECKED_SHARE = 8;

    @Override
    public String name() {
        return "ImageIO";
    }

    @Override
    public byte[] decode(byte[] encoded, JpegHeader header) throws BadImageException {
        requireSupported(encoded, header);
        byte[] samples = samples(encoded, header, 1, new AtomicReference<>());
        return switch (header.colors()) {
            case GRAY -> JpegColors.grayToRgb(samples);
            case YCC -> JpegColors.yccToRgb(samples);
            case YCCK -> JpegColors.ycckToCmyk(samples);
            case RGB, CMYK -> samples;
        };
    }

    @Override
    public @Nullable String check(byte[] encoded, JpegHeader header) throws BadImageException {
        requireSupported(encoded, header);
        AtomicReference<@Nullable String> warning = new AtomicReference<>();
        samples(encoded, header, CHECKED_SHARE, warning);
        return warning.get();
    }

    private static void requireSupported(byte[] encoded, JpegHeader header) throws BadImageException {
        if (header.arithmetic()) {
            throw new BadImageException("JPEG coding process %02x is not supported without libturbojpeg; install it"
                    .formatted(header.process()));
        }
        if (header.progressive() && !JpegScans.isComplete(encoded, header)) {
            throw new BadImageException(
                    "progressive JPEG without its last scans is not supported without libturbojpeg; install it");
        }
    }

    /** @param share 1 for all pixels, else one of so many in each direction */
    private static byte[] samples(
            byte[] encoded, JpegHeader header, int share, AtomicReference<@Nullable String> warning)
            throws BadImageException {
        byte[] jpeg = JpegScans.withoutMetadata(encoded, header);
        ImageReader reader = ImageIO.getImageReadersByFormatName("jpeg").next();
        try (ImageInputStream input = new MemoryCacheImageInputStream(new ByteArrayInputStream(jpeg))) {
            reader.setInput(input, true, true);
            reader.addIIOReadWarningListener((source, message) -> warning.compareAndSet(null, message));
            ImageReadParam selection = reader.getDefaultReadParam();
            selection.setSourceSubsampling(share, share, 0, 0);
            Raster raster = reader.readRaster(0, selection);
            byte[] samples = ((DataBufferByte) raster.getDataBuffer()).getData();
            int expected =
                    part(header.size().width(), share) * part(header.size().height(), share) * header.colors().bands;
            if (samples.length != expected) {
                throw new BadImageException(
                        "damaged JPEG: " + samples.length + " samples decoded, " + expected + " expected");
            }
            return samples;
        } catch (IOException | IllegalArgumentException e) {
            throw new BadImageException("damaged JPEG: " + e.getMessage(), e);
        } finally {
            reader.dispose();
        }
    }

    private static int part(int size, int share) {
        return (size + share - 1) / share;
    }
}
