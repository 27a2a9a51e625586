package dev.moco.training.data.decode;

import java.io.ByteArrayOutputStream;

/**
 * Content of the markers of a JPEG (ITU-T T.81 annex B).
 *
 * @param size columns and rows as stored
 * @param colors color space of the samples
 * @param orientation EXIF orientation
 */
record JpegHeader(ImageSize size, Colors colors, int orientation) {
    private static final int SOI = 0xd8;
    private static final int EOI = 0xd9;
    private static final int SOS = 0xda;
    private static final int APP0 = 0xe0;
    private static final int APP1 = 0xe1;
    private static final int APP14 = 0xee;
    private static final int APP15 = 0xef;
    private static final int COM = 0xfe;

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
        return bytes.length > 2 && (bytes[0] & 0xff) == 0xff && (bytes[1] & 0xff) == SOI && (bytes[2] & 0xff) == 0xff;
    }

    /** Reads the markers before the first scan: the frame header and the application markers. */
    static JpegHeader read(byte[] bytes) throws BadImageException {
        int orientation = Orientation.UPRIGHT;
        boolean jfif = false;
        int adobeTransform = -1;
        int frame = -1;
        for (int at = nextMarker(bytes, 2); ; at = nextMarker(bytes, markerEnd(bytes, at))) {
            int marker = bytes[at + 1] & 0xff;
            if (marker == SOS || marker == EOI) {
                break;
            }
            int from = at + 4;
            int to = markerEnd(bytes, at);
            if (isFrame(marker)) {
                if (frame >= 0) {
                    throw new BadImageException("JPEG with two frame headers");
                }
                frame = at;
            } else if (marker == APP0 && startsWith(bytes, from, to, "JFIF\0")) {
                jfif = true;
            } else if (marker == APP1
                    && startsWith(bytes, from, to, "Exif\0\0")
                    && orientation == Orientation.UPRIGHT) {
                orientation = Orientation.read(bytes, from + 6, to);
            } else if (marker == APP14 && to - from >= 12 && startsWith(bytes, from, to, "Adobe")) {
                adobeTransform = bytes[from + 11] & 0xff;
            }
        }
        if (frame < 0) {
            throw new BadImageException("JPEG without a frame header");
        }
        return frameHeader(bytes, frame, jfif, adobeTransform, orientation);
    }

    /** Heap that decoding takes: samples as stored, RGB where it is another array, and once more to turn it upright. */
    long heapBytes() {
        int stored = colors.bands == 3 ? 3 : colors.bands + 3;
        int turned = orientation == Orientation.UPRIGHT ? 0 : 3;
        return (long) size.width() * size.height() * (stored + turned);
    }

    private static JpegHeader frameHeader(byte[] bytes, int frame, boolean jfif, int adobeTransform, int orientation)
            throws BadImageException {
        int marker = bytes[frame + 1] & 0xff;
        int from = frame + 4;
        int length = segmentEnd(bytes, frame) - from;
        if (marker > 0xc2) {
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
        ImageSize size = ImageSize.checked(unsignedShort(bytes, from + 3), unsignedShort(bytes, from + 1));
        return new JpegHeader(size, colors(bytes, from + 6, bytes[from + 5] & 0xff, jfif, adobeTransform), orientation);
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

    /** Checks that the file has a scan and the end-of-image marker, which a truncated file lacks. */
    static void requireWhole(byte[] bytes) throws BadImageException {
        int at = 2;
        boolean scanned = false;
        while (true) {
            at = nextMarker(bytes, at);
            int marker = bytes[at + 1] & 0xff;
            if (marker == EOI) {
                break;
            }
            at = markerEnd(bytes, at);
            if (marker == SOS) {
                scanned = true;
                at = scanEnd(bytes, at);
            }
        }
        if (!scanned) {
            throw new BadImageException("JPEG without image data");
        }
    }

    /** Removes application and comment segments, by which a decoder could take the samples for another color space. */
    static byte[] withoutMetadata(byte[] bytes) throws BadImageException {
        ByteArrayOutputStream kept = new ByteArrayOutputStream(bytes.length);
        kept.write(bytes, 0, 2);
        int at = nextMarker(bytes, 2);
        while ((bytes[at + 1] & 0xff) != SOS) {
            int marker = bytes[at + 1] & 0xff;
            int end = markerEnd(bytes, at);
            if (!(marker >= APP0 && marker <= APP15) && marker != COM) {
                kept.write(bytes, at, end - at);
            }
            at = nextMarker(bytes, end);
        }
        kept.write(bytes, at, bytes.length - at);
        return kept.toByteArray();
    }

    private static int scanEnd(byte[] bytes, int from) throws BadImageException {
        for (int at = from; at + 1 < bytes.length; at++) {
            if (bytes[at] == (byte) 0xff) {
                int next = bytes[at + 1] & 0xff;
                // ff 00 is a stuffed ff, ff d0 to ff d7 are restart markers, ff ff is padding.
                if (next != 0 && next != 0xff && !(next >= 0xd0 && next <= 0xd7)) {
                    return at;
                }
            }
        }
        throw truncated(bytes);
    }

    /** Returns the index of the next marker's ff; bytes between segments are skipped, as libjpeg does. */
    private static int nextMarker(byte[] bytes, int from) throws BadImageException {
        for (int at = from; at + 1 < bytes.length; at++) {
            int code = bytes[at + 1] & 0xff;
            if ((bytes[at] & 0xff) == 0xff && code != 0 && code != 0xff) {
                return at;
            }
        }
        throw truncated(bytes);
    }

    private static int markerEnd(byte[] bytes, int marker) throws BadImageException {
        return isStandalone(bytes[marker + 1] & 0xff) ? marker + 2 : segmentEnd(bytes, marker);
    }

    private static int segmentEnd(byte[] bytes, int marker) throws BadImageException {
        if (marker + 3 >= bytes.length) {
            throw truncated(bytes);
        }
        int length = unsignedShort(bytes, marker + 2);
        if (length < 2) {
            throw new BadImageException(
                    "JPEG segment %02x has a length of %d bytes".formatted(bytes[marker + 1], length));
        }
        if (marker + 2 + length > bytes.length) {
            throw truncated(bytes);
        }
        return marker + 2 + length;
    }

    private static BadImageException truncated(byte[] bytes) {
        return new BadImageException("truncated JPEG: no end-of-image marker in its " + bytes.length + " bytes");
    }

    private static boolean isFrame(int marker) {
        return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    }

    private static boolean isStandalone(int marker) {
        return marker == 0x01 || (marker >= 0xd0 && marker <= SOI);
    }

    private static boolean startsWith(byte[] bytes, int from, int to, String prefix) {
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

    private static int unsignedShort(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }
}
