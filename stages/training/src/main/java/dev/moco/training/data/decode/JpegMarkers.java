package dev.moco.training.data.decode;

/** Markers of a JPEG (ITU-T T.81 annex B), found as libjpeg finds them: bytes between segments are skipped. */
final class JpegMarkers {
    static final int TEM = 0x01;
    static final int FIRST = 0xc0;
    static final int DHT = 0xc4;
    static final int JPG = 0xc8;
    static final int DAC = 0xcc;
    static final int RST0 = 0xd0;
    static final int RST7 = 0xd7;
    static final int SOI = 0xd8;
    static final int EOI = 0xd9;
    static final int SOS = 0xda;
    static final int DRI = 0xdd;
    static final int APP0 = 0xe0;
    static final int APP1 = 0xe1;
    static final int APP2 = 0xe2;
    static final int APP13 = 0xed;
    static final int APP14 = 0xee;
    static final int APP15 = 0xef;
    static final int JPG0 = 0xf0;
    static final int JPG13 = 0xfd;
    static final int COM = 0xfe;

    private JpegMarkers() {}

    static boolean isFrame(int marker) {
        return marker >= 0xc0 && marker <= 0xcf && marker != DHT && marker != JPG && marker != DAC;
    }

    static boolean isRestart(int marker) {
        return marker >= RST0 && marker <= RST7;
    }

    private static boolean isStandalone(int marker) {
        return marker < FIRST
                || marker == JPG
                || (marker >= RST0 && marker <= EOI)
                || (marker >= JPG0 && marker <= JPG13);
    }

    static int at(byte[] bytes, int position) {
        return bytes[position + 1] & 0xff;
    }

    /** Index of the next marker's ff; the length where there is none. */
    static int find(byte[] bytes, int from) {
        for (int at = from; at + 1 < bytes.length; at++) {
            int code = bytes[at + 1] & 0xff;
            if ((bytes[at] & 0xff) == 0xff && code != 0 && code != 0xff) {
                return at;
            }
        }
        return bytes.length;
    }

    /** Index of the next marker's ff that is no restart, from the end of a scan's header on; the length without one. */
    static int findAfterScan(byte[] bytes, int from) {
        int at = find(bytes, from);
        while (at < bytes.length && isRestart(at(bytes, at))) {
            at = find(bytes, at + 2);
        }
        return at;
    }

    /**
     * Index after a marker and its segment, if it has one; more than the length if the file does not have all of it. A
     * stated length that leaves no room for itself is taken as 2.
     */
    static int segmentEnd(byte[] bytes, int marker) {
        if (isStandalone(at(bytes, marker))) {
            return marker + 2;
        }
        return marker + 3 < bytes.length
                ? marker + 2 + Math.max(2, unsignedShort(bytes, marker + 2))
                : bytes.length + 1;
    }

    /** Same as {@link #find}, before the image data. */
    static int next(byte[] bytes, int from) throws BadImageException {
        int at = find(bytes, from);
        if (at == bytes.length) {
            throw truncated(bytes);
        }
        return at;
    }

    /** Same as {@link #segmentEnd}, of a segment that the file must have. */
    static int end(byte[] bytes, int marker) throws BadImageException {
        int end = segmentEnd(bytes, marker);
        if (end > bytes.length) {
            throw truncated(bytes);
        }
        return end;
    }

    static int unsignedShort(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }

    static BadImageException truncated(byte[] bytes) {
        return new BadImageException("truncated JPEG: its " + bytes.length + " bytes end before its image data");
    }
}
