package dev.moco.training.data.decode;

/**
 * Decodes the lengths of the Huffman codes of a sequential JPEG whose only scan has no marker at its end, to see whether
 * Pillow decodes its last block. libjpeg reads its bytes ahead, and Pillow gives it 64 KiB at a time; the last block fails
 * if a byte is asked for that the file does not have, though its bits may not be needed. This follows libjpeg's jdhuff.c
 * and jdmarker.c step by step.
 */
final class JpegEnd {
    /** Bytes that Pillow reads at a time. */
    private static final int READ = 1 << 16;
    /** Bits that libjpeg has at hand before it decodes a code. */
    private static final int AHEAD = 8;
    /** Bits to which libjpeg fills its register of 64. */
    private static final int FILLED = 57;
    /** Bytes for each block, from which on libjpeg reads without a look at the end. */
    private static final int FAST_BYTES = 512;

    private static final int FAST_READ = 6;
    private static final int COEFFICIENTS = 64;

    private final byte[] bytes;
    private final HuffmanTable[] dc;
    private final HuffmanTable[] ac;
    private final int restartInterval;
    private int limit;
    private int at;
    private long register;
    private int left;
    private boolean fast;
    /** Marker at which the data stopped; 0 for none. */
    private int marker;

    private boolean insufficient;
    private int nextRestart;

    private JpegEnd(byte[] bytes, JpegTables tables, int data, int restartInterval) {
        this.bytes = bytes;
        this.at = data;
        this.dc = tables.dc();
        this.ac = tables.ac();
        this.restartInterval = restartInterval;
        this.limit = Math.min(bytes.length, (data / READ + 1) * READ);
    }

    /** Returns whether all blocks are decoded before the file ends; false with arithmetic coding. */
    static boolean reached(byte[] bytes, JpegHeader header) throws BadImageException {
        JpegTables tables = header.arithmetic() ? null : JpegTables.read(bytes, header);
        if (tables == null) {
            return false;
        }
        int data = JpegMarkers.end(bytes, header.scan());
        return new JpegEnd(bytes, tables, data, header.restartInterval()).decodes(tables.units());
    }

    private boolean decodes(long units) {
        for (long unit = 0; unit < units; unit++) {
            if (restartInterval > 0 && unit > 0 && unit % restartInterval == 0) {
                left = 0;
                if (!restart()) {
                    return false;
                }
                insufficient &= marker != 0;
            }
            while (!insufficient && !unit()) {
                if (limit == bytes.length) {
                    return false;
                }
                limit = Math.min(bytes.length, limit + READ);
            }
        }
        return true;
    }

    /** Goes on after the next restart marker, or stays where other markers than the expected one say so. */
    private boolean restart() {
        int expected = nextRestart;
        nextRestart = (nextRestart + 1) & 7;
        if (marker == 0 && !findMarker()) {
            return false;
        }
        while (true) {
            int ahead = (marker - JpegMarkers.RST0 - expected) & 7;
            if (marker < JpegMarkers.FIRST || (JpegMarkers.isRestart(marker) && (ahead == 6 || ahead == 7))) {
                if (!findMarker()) {
                    return false;
                }
            } else if (!JpegMarkers.isRestart(marker) || ahead == 1 || ahead == 2) {
                return true;
            } else {
                marker = 0;
                return true;
            }
        }
    }

    private boolean findMarker() {
        for (int i = at; i + 1 < bytes.length; i++) {
            int code = bytes[i + 1] & 0xff;
            if ((bytes[i] & 0xff) == 0xff && code != 0 && code != 0xff) {
                marker = code;
                at = i + 2;
                limit = Math.min(bytes.length, Math.max(limit, (at / READ + 1) * READ));
                return true;
            }
        }
        return false;
    }

    /** Decodes a unit of blocks; without enough bytes nothing has changed. */
    private boolean unit() {
        int startAt = at;
        long startRegister = register;
        int startLeft = left;
        fast = restartInterval == 0 && limit - at >= FAST_BYTES * dc.length;
        boolean decoded = blocks();
        if (!decoded && fast) {
            at = startAt;
            register = startRegister;
            left = startLeft;
            fast = false;
            decoded = blocks();
        }
        if (!decoded) {
            at = startAt;
            register = startRegister;
            left = startLeft;
        }
        return decoded;
    }

    private boolean blocks() {
        for (int block = 0; block < dc.length; block++) {
            int size = symbol(dc[block]);
            if (size < 0 || !skip(size)) {
                return false;
            }
            for (int k = 1; k < COEFFICIENTS; k++) {
                int symbol = symbol(ac[block]);
                if (symbol < 0) {
                    return false;
                }
                int zeros = symbol >> 4;
                if ((symbol & 15) != 0) {
                    k += zeros;
                    if (!skip(symbol & 15)) {
                        return false;
                    }
                } else if (zeros == 15) {
                    k += 15;
                } else {
                    break;
                }
            }
        }
        return true;
    }

    /** The next symbol; -1 if the bytes end. */
    private int symbol(HuffmanTable table) {
        if (fast ? !fill(0) : left < AHEAD && !fill(0)) {
            return -1;
        }
        // At a marker there may be fewer bits.
        int peeked = Math.min(left, AHEAD);
        for (int length = 1; length <= peeked; length++) {
            int code = (int) (register >>> (left - length)) & ((1 << length) - 1);
            if (table.isCode(code, length)) {
                left -= length;
                return table.symbol(code, length);
            }
        }
        int length = peeked + 1;
        if (!require(length)) {
            return -1;
        }
        left -= length;
        int code = (int) (register >>> left) & ((1 << length) - 1);
        while (length <= HuffmanTable.LONGEST && !table.isCode(code, length)) {
            if (!require(1)) {
                return -1;
            }
            left--;
            code = code << 1 | ((int) (register >>> left) & 1);
            length++;
        }
        // libjpeg takes what is no code for a zero.
        return length > HuffmanTable.LONGEST ? 0 : table.symbol(code, length);
    }

    private boolean skip(int bits) {
        if (bits > 0 && !(fast ? fill(0) : require(bits))) {
            return false;
        }
        left -= bits;
        return true;
    }

    private boolean require(int bits) {
        return fast || left >= bits || fill(bits);
    }

    /** Fills the register; false if the bytes end. At a marker, as many zeros follow as are needed. */
    private boolean fill(int bits) {
        int filled = FILLED;
        if (fast) {
            filled = left <= 16 ? left + 8 * FAST_READ : left;
        }
        while (left < filled && marker == 0) {
            if (at >= limit) {
                return false;
            }
            int value = bytes[at++] & 0xff;
            if (value == 0xff) {
                int next = 0xff;
                while (next == 0xff) {
                    if (at >= limit) {
                        return false;
                    }
                    next = bytes[at++] & 0xff;
                    if (fast && next != 0) {
                        return false; // left to the slow way
                    }
                }
                marker = next;
                if (marker != 0) {
                    break;
                }
            }
            register = register << 8 | value;
            left += 8;
        }
        if (bits > left) {
            insufficient = true;
            register <<= FILLED - left;
            left = FILLED;
        }
        return true;
    }
}
