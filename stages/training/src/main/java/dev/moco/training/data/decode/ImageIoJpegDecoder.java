package dev.moco.training.data.decode;

import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Decodes with the JDK's libjpeg, which returns raw samples; colors are converted here. The JDK's own conversion
 * recognizes color spaces by other rules than libjpeg, applies embedded profiles, and refuses CMYK.
 */
final class ImageIoJpegDecoder implements JpegDecoder {
    @Override
    public String name() {
        return "ImageIO";
    }

    @Override
    public byte[] decode(byte[] encoded, JpegHeader header) throws BadImageException {
        AtomicReference<@Nullable String> warning = new AtomicReference<>();
        byte[] samples = samples(JpegHeader.withoutMetadata(encoded), header, warning);
        String first = warning.get();
        if (first != null) {
            JpegDecoder.requireHarmless(first);
        }
        return switch (header.colors()) {
            case GRAY -> JpegColors.grayToRgb(samples);
            case YCC -> JpegColors.yccToRgb(samples);
            case YCCK -> JpegColors.ycckToCmyk(samples);
            case RGB, CMYK -> samples;
        };
    }

    private static byte[] samples(byte[] jpeg, JpegHeader header, AtomicReference<@Nullable String> warning)
            throws BadImageException {
        ImageReader reader = ImageIO.getImageReadersByFormatName("jpeg").next();
        try (ImageInputStream input = new MemoryCacheImageInputStream(new ByteArrayInputStream(jpeg))) {
            reader.setInput(input, true, true);
            reader.addIIOReadWarningListener((source, message) -> warning.compareAndSet(null, message));
            Raster raster = reader.readRaster(0, null);
            byte[] samples = ((DataBufferByte) raster.getDataBuffer()).getData();
            int expected = header.size().width() * header.size().height() * header.colors().bands;
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
}
