package dev.moco.fullsize;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** A tar as GNU tar writes it, of which only the places of its members are kept: four bytes a member. */
final class TarContent implements Content {
    static final int BLOCK = 512;
    /** GNU tar fills an archive up to a multiple of twenty blocks. */
    private static final int RECORD = 20 * BLOCK;

    private static final byte[] ZEROS = new byte[RECORD];

    private final KeyedObjects members;
    /** Place of each member's header, in blocks; then that of the end. */
    private final int[] starts;

    private final long size;

    /** @param members their keys are names, in the order of the archive; a name that ends with a slash is a folder */
    TarContent(KeyedObjects members) {
        this.members = members;
        starts = new int[members.count() + 1];
        for (int i = 0; i < members.count(); i++) {
            long size = members.object(i).size();
            starts[i + 1] = Math.toIntExact(starts[i] + 1 + (size + BLOCK - 1) / BLOCK);
        }
        long end = (starts[members.count()] + 2L) * BLOCK;
        size = (end + RECORD - 1) / RECORD * RECORD;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public String etag() {
        return Content.etag(members.count(), size);
    }

    @Override
    public void write(long from, long count, OutputStream out) throws IOException {
        long at = from;
        long end = from + count;
        while (at < end) {
            int member = member(at / BLOCK);
            if (member == members.count()) {
                int zeros = (int) Math.min(ZEROS.length, end - at);
                out.write(ZEROS, 0, zeros);
                at += zeros;
            } else {
                at = writeMember(member, at, end, out);
            }
        }
    }

    /** The member whose header or content lies in a block; the number of members behind the last. */
    private int member(long block) {
        int found = Arrays.binarySearch(starts, (int) block);
        return found >= 0 ? found : -found - 2;
    }

    private long writeMember(int member, long from, long end, OutputStream out) throws IOException {
        Content content = members.object(member);
        long at = from;
        long body = starts[member] * (long) BLOCK + BLOCK;
        if (at < body) {
            int count = (int) Math.min(end - at, body - at);
            byte[] header = header(members.key(member), content.size());
            out.write(header, (int) (at - body + BLOCK), count);
            at += count;
        }
        long count = Math.min(end, body + content.size()) - at;
        if (count > 0) {
            content.write(at - body, count, out);
            at += count;
        }
        long padding = Math.min(end, starts[member + 1] * (long) BLOCK) - at;
        if (padding > 0) {
            out.write(ZEROS, 0, (int) padding);
            at += padding;
        }
        return at;
    }

    private static byte[] header(String name, long size) {
        boolean folder = name.endsWith("/");
        byte[] header = new byte[BLOCK];
        put(header, 0, name);
        put(header, 100, folder ? "0000755" : "0000644");
        put(header, 108, "0001750");
        put(header, 116, "0001750");
        put(header, 124, String.format(Locale.ROOT, "%011o", size));
        put(header, 136, "11750000000");
        put(header, 148, "        ");
        put(header, 156, folder ? "5" : "0");
        put(header, 257, "ustar  ");
        put(header, 265, "imagenet");
        put(header, 297, "imagenet");
        int sum = 0;
        for (byte value : header) {
            sum += value & 0xff;
        }
        put(header, 148, String.format(Locale.ROOT, "%06o\0", sum));
        return header;
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }
}
