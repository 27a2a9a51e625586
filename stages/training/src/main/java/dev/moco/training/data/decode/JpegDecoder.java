package dev.moco.training.data.decode;

import org.jspecify.annotations.Nullable;

/** Decodes a JPEG whose markers were checked before; thread-safe. */
interface JpegDecoder {
    /** Name for logs and provenance. */
    String name();

    /**
     * Decodes with the accurate inverse DCT and smooth chroma upsampling, as libjpeg does by default.
     *
     * @return height x width x 3 RGB bytes, or x 4 CMYK bytes as stored if the image has four components
     */
    byte[] decode(byte[] encoded, JpegHeader header) throws BadImageException;

    /**
     * Reads all data of an image without the memory for its pixels.
     *
     * @return the first warning of libjpeg, after which an image may be partly gray; null for none
     */
    @Nullable
    String check(byte[] encoded, JpegHeader header) throws BadImageException;
}
