package dev.moco.training.data.decode;

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
     * Refuses an image by the first warning of libjpeg's that tells of lost samples. Warnings about superfluous bytes
     * and odd headers are passed over: such images are whole, and ImageNet has some.
     */
    static void requireHarmless(String warning) throws BadImageException {
        boolean lost = warning.startsWith("Premature end") || warning.startsWith("Corrupt JPEG data");
        if (lost && !warning.contains("extraneous bytes")) {
            throw new BadImageException("damaged JPEG: " + warning);
        }
    }
}
