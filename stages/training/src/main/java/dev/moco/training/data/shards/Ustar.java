package dev.moco.training.data.shards;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * POSIX ustar without a modification time and without an owner, mode 0644, so that equal images give shards with equal
 * digests.
 */
final class Ustar {
    static final int BLOCK = 512;

    private Ustar() {}

    /** The header block of a regular file whose name has at most 100 bytes. */
    static byte[] header(String name, int length) {
        byte[] block = new byte[BLOCK];
        put(block, 0, name);
        put(block, 100, "0000644\0");
        put(block, 108, "0000000\0"); // uid
        put(block, 116, "0000000\0"); // gid
        put(block, 124, String.format(Locale.ROOT, "%011o\0", length));
        put(block, 136, "00000000000\0"); // mtime
        Arrays.fill(block, 148, 156, (byte) ' '); // the checksum is computed with its own field as spaces
        block[156] = '0'; // regular file
        put(block, 257, "ustar\00000");
        int sum = 0;
        for (byte value : block) {
            sum += value & 0xff;
        }
        put(block, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
        return block;
    }

    /** Number of zero bytes between a file of a length and the next header. */
    static int padding(int length) {
        return (BLOCK - length % BLOCK) % BLOCK;
    }

    /** Bytes that a file of a length takes, with its header and padding. */
    static long bytes(long length) {
        return BLOCK + (length + BLOCK - 1) / BLOCK * BLOCK;
    }

    private static void put(byte[] block, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }
}
