package dev.moco.training.data.decode;

import dev.moco.training.data.FileKind;
import dev.moco.training.data.RgbImage;
import java.util.Objects;
import java.util.Optional;

/**
 * Decodes JPEG, PNG, BMP, PGM, PPM, TIFF and WebP, recognized by their first bytes, to RGB: gray is copied to three
 * channels, CMYK is converted, transparency is dropped. Thread-safe.
 */
public final class ImageDecoder {
    private final JpegDecoder jpeg;

    private ImageDecoder(JpegDecoder jpeg) {
        this.jpeg = jpeg;
    }

    /** Returns the fastest decoder available: libturbojpeg if it is installed, else the JDK's. */
    public static ImageDecoder create() {
        return TurboJpegDecoder.find().map(ImageDecoder::new).orElseGet(ImageDecoder::ofJdk);
    }

    /** Returns the JDK's decoder, which needs no native library. */
    public static ImageDecoder ofJdk() {
        return new ImageDecoder(new ImageIoJpegDecoder());
    }

    /** Name of the JPEG decoder for logs and provenance: {@code libturbojpeg} or {@code ImageIO}. */
    public String jpegDecoder() {
        return jpeg.name();
    }

    /**
     * Heap that decoding an image takes, with the result, in bytes; for {@link DecodeMemory}.
     *
     * @throws BadImageException if it is no image, or more than this process has
     */
    public long heapBytes(byte[] encoded) throws BadImageException {
        long bytes;
        RasterImage raster = RasterImage.of(encoded);
        if (raster != null) {
            bytes = raster.heapBytes();
        } else {
            requireJpeg(encoded);
            bytes = JpegHeader.read(encoded).heapBytes();
        }
        DecodeMemory.OF_PROCESS.require(bytes);
        return bytes + encoded.length;
    }

    /** Decodes an image as stored; classification ignores EXIF orientation, as torchvision's ImageFolder does. */
    public RgbImage decode(byte[] encoded) throws BadImageException {
        RasterImage raster = RasterImage.of(encoded);
        if (raster != null) {
            return new RgbImage(raster.size().width(), raster.size().height(), raster.decode());
        }
        JpegHeader header = header(encoded);
        byte[] samples = jpeg(encoded, header, bytes -> jpeg.decode(bytes, header));
        byte[] pixels = header.colors().bands == 4 ? JpegColors.invertedCmykToRgb(samples) : samples;
        return new RgbImage(header.size().width(), header.size().height(), pixels);
    }

    /** Decodes an image and applies its EXIF orientation, as detectron2 does. */
    public RgbImage decodeUpright(byte[] encoded) throws BadImageException {
        return Orientation.upright(decode(encoded), orientation(encoded));
    }

    /**
     * Reads all data of an image as {@link #decode} does, without the memory for its pixels.
     *
     * @throws BadImageException if it cannot be decoded
     */
    public CheckedImage check(byte[] encoded) throws BadImageException {
        RasterImage raster = RasterImage.of(encoded);
        if (raster != null) {
            raster.check();
            return CheckedImage.of(raster.size(), raster.orientation(), null);
        }
        JpegHeader header = header(encoded);
        String warning = jpeg(encoded, header, bytes -> Optional.ofNullable(jpeg.check(bytes, header)))
                .orElse(null);
        return CheckedImage.of(header.size(), header.orientation(), warning);
    }

    private static int orientation(byte[] encoded) throws BadImageException {
        RasterImage raster = RasterImage.of(encoded);
        return raster != null ? raster.orientation() : JpegHeader.read(encoded).orientation();
    }

    private static JpegHeader header(byte[] encoded) throws BadImageException {
        requireJpeg(encoded);
        JpegHeader header = JpegHeader.read(encoded);
        JpegScans.requireWhole(encoded, header);
        return header;
    }

    private interface JpegUse<T> {
        T of(byte[] encoded) throws BadImageException;
    }

    /** Uses a JPEG; what libjpeg makes up after its last byte is no reason to refuse it. */
    private static <T> T jpeg(byte[] encoded, JpegHeader header, JpegUse<T> use) throws BadImageException {
        try {
            return use.of(encoded);
        } catch (BadImageException e) {
            if (!JpegScans.lacksEnd(encoded, header) || isRefused(JpegScans.padded(encoded), use, e)) {
                throw e;
            }
            return use.of(JpegScans.ended(encoded, header));
        }
    }

    /** Returns whether an image is refused for the same reason. */
    private static <T> boolean isRefused(byte[] encoded, JpegUse<T> use, BadImageException reason) {
        try {
            use.of(encoded);
            return false;
        } catch (BadImageException e) {
            return Objects.equals(e.getMessage(), reason.getMessage());
        }
    }

    private static void requireJpeg(byte[] encoded) throws BadImageException {
        if (encoded.length == 0) {
            throw new BadImageException("empty file");
        }
        if (!JpegHeader.matches(encoded)) {
            throw new BadImageException("no JPEG, PNG, BMP, PGM, PPM, TIFF or WebP but " + FileKind.of(encoded));
        }
    }
}
