package dev.moco.training.data.decode;

import java.util.List;

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
     * Warnings of libjpeg that are no reason to refuse an image: those about whole images, such as ImageNet has, and
     * "bad Huffman code", which libjpeg-turbo misses in most cases. Both libraries so accept the same images.
     */
    List<String> HARMLESS = List.of(
            "bad Huffman code",
            "extraneous bytes before marker",
            "Inconsistent progression sequence",
            "Invalid SOS parameters for sequential JPEG",
            "Unknown Adobe color transform code",
            "unknown JFIF revision number");

    /** Refuses an image if libjpeg's first warning is not a harmless one; the others mean that samples were lost. */
    static void requireHarmless(String warning) throws BadImageException {
        if (HARMLESS.stream().noneMatch(warning::contains)) {
            throw new BadImageException("damaged JPEG: " + warning);
        }
    }
}
