package dev.moco.training.data.decode;

import dev.moco.training.data.RgbImage;
import java.util.HexFormat;

/**
 * Decodes JPEG and PNG, recognized by their first bytes, to RGB: gray is copied to three channels, CMYK is converted,
 * transparency is dropped. Thread-safe.
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
        if (PngDecoder.matches(encoded)) {
            bytes = PngDecoder.heapBytes(encoded);
        } else {
            requireJpeg(encoded);
            bytes = JpegHeader.read(encoded).heapBytes();
        }
        DecodeMemory.OF_PROCESS.require(bytes);
        return bytes + encoded.length;
    }

    /** Decodes an image as stored; classification ignores EXIF orientation, as torchvision's ImageFolder does. */
    public RgbImage decode(byte[] encoded) throws BadImageException {
        if (PngDecoder.matches(encoded)) {
            ImageSize size = PngDecoder.size(encoded);
            return new RgbImage(size.width(), size.height(), PngDecoder.decode(encoded));
        }
        requireJpeg(encoded);
        JpegHeader header = JpegHeader.read(encoded);
        JpegHeader.requireWhole(encoded);
        byte[] samples = jpeg.decode(encoded, header);
        byte[] pixels = header.colors().bands == 4 ? JpegColors.invertedCmykToRgb(samples) : samples;
        return new RgbImage(header.size().width(), header.size().height(), pixels);
    }

    /** Decodes an image and applies its EXIF orientation, as detectron2 does. */
    public RgbImage decodeUpright(byte[] encoded) throws BadImageException {
        return Orientation.upright(decode(encoded), orientation(encoded));
    }

    private static int orientation(byte[] encoded) throws BadImageException {
        return PngDecoder.matches(encoded)
                ? PngDecoder.orientation(encoded)
                : JpegHeader.read(encoded).orientation();
    }

    private static void requireJpeg(byte[] encoded) throws BadImageException {
        if (encoded.length == 0) {
            throw new BadImageException("empty file");
        }
        if (!JpegHeader.matches(encoded)) {
            throw new BadImageException("neither JPEG nor PNG, starts with bytes "
                    + HexFormat.ofDelimiter(" ").formatHex(encoded, 0, Math.min(encoded.length, 4)));
        }
    }
}
