package dev.moco.training.data.decode;

import java.util.List;

/** Turns a JPEG whose structure was checked into samples; safe for many threads. */
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
     * Warnings of libjpeg's about images that are whole, such as ImageNet has; and one that libjpeg-turbo misses in
     * most cases, so that what decodes does not depend on the library.
     */
    List<String> HARMLESS = List.of(
            "bad Huffman code",
            "extraneous bytes before marker",
            "Inconsistent progression sequence",
            "Invalid SOS parameters for sequential JPEG",
            "Unknown Adobe color transform code",
            "unknown JFIF revision number");

    /** Refuses an image by libjpeg's first warning, unless it is harmless: the others tell of lost samples. */
    static void requireHarmless(String warning) throws BadImageException {
        if (HARMLESS.stream().noneMatch(warning::contains)) {
            throw new BadImageException("damaged JPEG: " + warning);
        }
    }
}
