package dev.moco.training.data.decode;

import org.jspecify.annotations.Nullable;

/** An image of another format than JPEG, whose header was read; transparency is dropped. */
interface RasterImage {
    /** Reads the header of a format that is recognized by its first bytes; null for none of these formats. */
    static @Nullable RasterImage of(byte[] file) throws BadImageException {
        if (PngDecoder.matches(file)) {
            return PngDecoder.of(file);
        }
        if (BmpDecoder.matches(file)) {
            return BmpDecoder.of(file);
        }
        if (PnmDecoder.matches(file)) {
            return PnmDecoder.of(file);
        }
        if (TiffDecoder.matches(file)) {
            return TiffDecoder.of(file);
        }
        return WebpDecoder.matches(file) ? WebpDecoder.of(file) : null;
    }

    ImageSize size();

    /** EXIF orientation that {@link #decode} leaves to the caller. */
    default int orientation() {
        return Orientation.UPRIGHT;
    }

    /** Heap that decoding takes, with the result. */
    long heapBytes();

    /** Shows that the image can be decoded, if possible without the memory for its pixels. */
    void check() throws BadImageException;

    /** Decodes to height x width x 3 RGB bytes. */
    byte[] decode() throws BadImageException;

    /** Bytes of the pixels of an image. */
    static long rgbBytes(ImageSize size) {
        return 3L * size.width() * size.height();
    }
}
