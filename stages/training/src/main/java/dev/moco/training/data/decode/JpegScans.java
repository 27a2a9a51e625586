package dev.moco.training.data.decode;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Shows whether a JPEG's bytes end before its image data, which Pillow refuses. libjpeg itself goes on with gray, and
 * gives a warning of which only the first of an image is known.
 */
final class JpegScans {
    /** Coefficients, in zigzag order, by which libjpeg smooths the blocks of an incomplete image. */
    private static final int SMOOTHED = 10;

    /** Longest segment. */
    private static final int PADDING = 1 << 16;

    private JpegScans() {}

    /** @throws BadImageException if the bytes end before the image data */
    static void requireWhole(byte[] bytes, JpegHeader header) throws BadImageException {
        int data = JpegMarkers.end(bytes, header.scan());
        boolean whole = hasManyScans(bytes, header)
                // All scans are read, up to the end marker, before the first row is decoded.
                ? hasEnd(bytes, data)
                : endsAtMarker(bytes, data, header.restartInterval()) || JpegEnd.reached(bytes, header);
        if (!whole) {
            throw JpegMarkers.truncated(bytes);
        }
    }

    /**
     * Returns whether libjpeg reads bytes after the last row that the file does not have. It makes some up, and could fail by them;
     * Pillow stops there.
     */
    static boolean lacksEnd(byte[] bytes, JpegHeader header) throws BadImageException {
        return !hasManyScans(bytes, header) && !hasEnd(bytes, JpegMarkers.end(bytes, header.scan()));
    }

    /** The image with zeros after its last byte. */
    static byte[] padded(byte[] bytes) {
        return Arrays.copyOf(bytes, bytes.length + PADDING);
    }

    /** The image with an end marker in the place of the segment that the file does not have. */
    static byte[] ended(byte[] bytes, JpegHeader header) throws BadImageException {
        int last = lastMarker(bytes, JpegMarkers.end(bytes, header.scan()));
        byte[] ended = Arrays.copyOf(bytes, last + 2);
        ended[last] = (byte) 0xff;
        ended[last + 1] = (byte) JpegMarkers.EOI;
        return ended;
    }

    private static boolean hasManyScans(byte[] bytes, JpegHeader header) {
        return header.progressive() || components(bytes, header.scan()) < header.colors().bands;
    }

    private static boolean hasEnd(byte[] bytes, int from) {
        int last = lastMarker(bytes, from);
        return last < bytes.length && JpegMarkers.at(bytes, last) == JpegMarkers.EOI;
    }

    /** Index of the end marker, or of the marker whose segment the file does not have, or the length without either. */
    private static int lastMarker(byte[] bytes, int from) {
        int at = JpegMarkers.findAfterScan(bytes, from);
        while (at < bytes.length && JpegMarkers.at(bytes, at) != JpegMarkers.EOI) {
            int end = JpegMarkers.segmentEnd(bytes, at);
            if (end > bytes.length) {
                return at;
            }
            at = JpegMarkers.findAfterScan(bytes, end);
        }
        return at;
    }

    /** The only scan ends at any marker; the rest of the image is gray. At a restart, it may skip some. */
    private static boolean endsAtMarker(byte[] bytes, int from, int restartInterval) {
        for (int at = from; at + 1 < bytes.length; at++) {
            int code = bytes[at + 1] & 0xff;
            if ((bytes[at] & 0xff) == 0xff
                    && code != 0
                    && code != 0xff
                    && (restartInterval == 0 || (code >= JpegMarkers.FIRST && !JpegMarkers.isRestart(code)))) {
                return true;
            }
        }
        return false;
    }

    private static int components(byte[] bytes, int scan) {
        return scan + 4 < bytes.length ? bytes[scan + 4] & 0xff : 0;
    }

    /** Returns whether the scans of a progressive JPEG have every bit of the coefficients by which libjpeg smooths blocks. */
    static boolean isComplete(byte[] bytes, JpegHeader header) throws BadImageException {
        boolean[][] exact = new boolean[256][SMOOTHED];
        int at = header.scan();
        while (JpegMarkers.at(bytes, at) != JpegMarkers.EOI) {
            int end = JpegMarkers.end(bytes, at);
            int count = components(bytes, at);
            int spectral = at + 5 + 2 * count;
            if (JpegMarkers.at(bytes, at) == JpegMarkers.SOS && spectral + 2 < end) {
                boolean lowBits = (bytes[spectral + 2] & 0x0f) == 0;
                for (int i = 0; i < count; i++) {
                    int last = Math.min(bytes[spectral + 1] & 0xff, SMOOTHED - 1);
                    for (int k = bytes[spectral] & 0xff; k <= last; k++) {
                        exact[bytes[at + 5 + 2 * i] & 0xff][k] |= lowBits;
                    }
                }
            }
            at = JpegMarkers.findAfterScan(bytes, end);
        }
        int components = 0;
        for (boolean[] component : exact) {
            boolean all = true;
            for (boolean coefficient : component) {
                all &= coefficient;
            }
            components += all ? 1 : 0;
        }
        return components == header.colors().bands;
    }

    /** Removes application and comment segments, by which a decoder could take the samples for another color space. */
    static byte[] withoutMetadata(byte[] bytes, JpegHeader header) throws BadImageException {
        ByteArrayOutputStream kept = new ByteArrayOutputStream(bytes.length);
        kept.write(bytes, 0, 2);
        int at = JpegMarkers.next(bytes, 2);
        while (at < header.scan()) {
            int marker = JpegMarkers.at(bytes, at);
            int end = JpegMarkers.end(bytes, at);
            boolean metadata = marker >= JpegMarkers.APP0 && marker <= JpegMarkers.APP15;
            if (!metadata && marker != JpegMarkers.COM) {
                kept.write(bytes, at, end - at);
            }
            at = JpegMarkers.next(bytes, end);
        }
        kept.write(bytes, at, bytes.length - at);
        return kept.toByteArray();
    }
}
