package dev.moco.training.data.decode;

import static dev.moco.training.data.decode.JpegMarkers.APP0;
import static dev.moco.training.data.decode.JpegMarkers.APP1;
import static dev.moco.training.data.decode.JpegMarkers.APP14;
import static dev.moco.training.data.decode.JpegMarkers.unsignedShort;

/**
 * Content of the markers of a JPEG before its first scan.
 *
 * @param size columns and rows as stored
 * @param colors color space of the samples
 * @param orientation EXIF orientation
 * @param process coding process: the frame's marker
 * @param scan index of the first scan's marker
 * @param restartInterval blocks between two restart markers; 0 for none
 */
record JpegHeader(ImageSize size, Colors colors, int orientation, int process, int scan, int restartInterval) {
    private static final int PROGRESSIVE = 0xc2;
    private static final int ARITHMETIC = 0xc9;
    private static final int PROGRESSIVE_ARITHMETIC = 0xca;
    /** Least length of the segments that libjpeg takes for JFIF and Adobe. */
    private static final int JFIF_BYTES = 14;

    private static final int ADOBE_BYTES = 12;

    /** Color spaces, recognized by libjpeg's rules. */
    enum Colors {
        GRAY(1),
        RGB(3),
        YCC(3),
        CMYK(4),
        YCCK(4);

        final int bands;

        Colors(int bands) {
            this.bands = bands;
        }
    }

    static boolean matches(byte[] bytes) {
        return bytes.length > 2
                && (bytes[0] & 0xff) == 0xff
                && (bytes[1] & 0xff) == JpegMarkers.SOI
                && (bytes[2] & 0xff) == 0xff;
    }

    /** Reads the markers before the first scan: the frame header and the application markers. */
    static JpegHeader read(byte[] bytes) throws BadImageException {
        int orientation = Orientation.UPRIGHT;
        boolean jfif = false;
        int adobeTransform = -1;
        int restartInterval = 0;
        int frame = -1;
        int at = JpegMarkers.next(bytes, 2);
        for (; JpegMarkers.at(bytes, at) != JpegMarkers.SOS; at = JpegMarkers.next(bytes, JpegMarkers.end(bytes, at))) {
            int marker = JpegMarkers.at(bytes, at);
            if (marker < JpegMarkers.FIRST) {
                throw new BadImageException("damaged JPEG: unknown marker %02x".formatted(marker));
            }
            if (marker == JpegMarkers.EOI) {
                throw new BadImageException("JPEG without image data");
            }
            int from = at + 4;
            int to = JpegMarkers.end(bytes, at);
            PillowSegments.require(bytes, marker, from, to);
            if (JpegMarkers.isFrame(marker)) {
                if (frame >= 0) {
                    throw new BadImageException("JPEG with two frame headers");
                }
                frame = at;
            } else if (marker == JpegMarkers.DRI && to - from >= 2) {
                restartInterval = unsignedShort(bytes, from);
            } else if (marker == APP0 && to - from >= JFIF_BYTES && startsWith(bytes, from, to, "JFIF\0")) {
                jfif = true;
            } else if (marker == APP1
                    && startsWith(bytes, from, to, "Exif\0\0")
                    && orientation == Orientation.UPRIGHT) {
                orientation = Orientation.read(bytes, from + 6, to);
            } else if (marker == APP14 && to - from >= ADOBE_BYTES && startsWith(bytes, from, to, "Adobe")) {
                adobeTransform = bytes[from + 11] & 0xff;
            }
        }
        if (frame < 0) {
            throw new BadImageException("JPEG without a frame header");
        }
        ImageSize size = size(bytes, frame);
        Colors colors = colors(bytes, frame + 10, bytes[frame + 9] & 0xff, jfif, adobeTransform);
        return new JpegHeader(size, colors, orientation, JpegMarkers.at(bytes, frame), at, restartInterval);
    }

    /** Heap that decoding takes: samples as stored, RGB where it is another array, and once more to turn it upright. */
    long heapBytes() {
        int stored = colors.bands == 3 ? 3 : colors.bands + 3;
        int turned = orientation == Orientation.UPRIGHT ? 0 : 3;
        return (long) size.width() * size.height() * (stored + turned);
    }

    private static ImageSize size(byte[] bytes, int frame) throws BadImageException {
        int marker = JpegMarkers.at(bytes, frame);
        int from = frame + 4;
        int length = JpegMarkers.end(bytes, frame) - from;
        if (marker > PROGRESSIVE && marker != ARITHMETIC && marker != PROGRESSIVE_ARITHMETIC) {
            throw new BadImageException(
                    "JPEG coding process %02x is not supported; baseline, extended and progressive are"
                            .formatted(marker));
        }
        if (length < 6 || length < 6 + 3 * (bytes[from + 5] & 0xff)) {
            throw new BadImageException("JPEG frame header is too short");
        }
        if (bytes[from] != 8) {
            throw new BadImageException("JPEG with " + bytes[from] + " bits a sample; 8 are supported");
        }
        return ImageSize.checked(unsignedShort(bytes, from + 3), unsignedShort(bytes, from + 1));
    }

    private static Colors colors(byte[] bytes, int components, int count, boolean jfif, int adobeTransform)
            throws BadImageException {
        return switch (count) {
            case 1 -> Colors.GRAY;
            case 3 -> threeColors(bytes, components, jfif, adobeTransform);
            case 4 -> adobeTransform > 0 ? Colors.YCCK : Colors.CMYK;
            default -> throw new BadImageException("JPEG with " + count + " components; 1, 3 and 4 are supported");
        };
    }

    private static Colors threeColors(byte[] bytes, int components, boolean jfif, int adobeTransform) {
        if (jfif || adobeTransform > 0) {
            return Colors.YCC;
        }
        boolean named = bytes[components] == 'R' && bytes[components + 3] == 'G' && bytes[components + 6] == 'B';
        return adobeTransform == 0 || named ? Colors.RGB : Colors.YCC;
    }

    boolean progressive() {
        return process == PROGRESSIVE || process == PROGRESSIVE_ARITHMETIC;
    }

    boolean arithmetic() {
        return process == ARITHMETIC || process == PROGRESSIVE_ARITHMETIC;
    }

    static boolean startsWith(byte[] bytes, int from, int to, String prefix) {
        if (to - from < prefix.length()) {
            return false;
        }
        for (int i = 0; i < prefix.length(); i++) {
            if (bytes[from + i] != prefix.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
