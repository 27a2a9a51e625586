package dev.moco.training.weights.formats;

import dev.moco.training.weights.input.ByteReader;
import dev.moco.training.weights.input.Bytes;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * An entry of an archive's central directory, whose local header says the same.
 *
 * @param start offset of the local header
 * @param data its bytes in the archive
 * @param size length of its content
 */
record ZipEntryRecord(String name, int flags, int method, long crc, long start, Bytes data, long size) {
    static final int STORED = 0;
    static final int DEFLATED = 8;

    private static final int NAME_BYTES = 512;
    private static final int LOCAL_HEADER = 30;
    /** Sizes follow the data; and names are UTF-8. */
    private static final int SIZES_FOLLOW = 8;

    private static final int FLAGS = SIZES_FOLLOW | 0x800;
    /** Most bytes of content for each byte in the archive. */
    private static final long RATIO = 200;

    private static final long IN_64_BITS = 0xffffffffL;
    private static final int FILE_TYPE = 0xf000;
    private static final int SYMBOLIC_LINK = 0xa000;
    private static final int ZIP64_EXTRA = 1;
    /** Length of that field with two sizes. */
    private static final int EXTRA_64 = 20;

    /** Reads the next record of the central directory and the local header that it names. */
    static ZipEntryRecord read(ByteReader in, Bytes archive, long directory, boolean folders) throws IOException {
        if (in.remaining() < 46 || in.whole4("the directory") != 0x02014b50) {
            throw new RefusedException(Reason.ZIP, "the central directory is broken");
        }
        in.whole4("versions");
        int flags = in.unsignedShort("flags");
        int method = in.unsignedShort("a method");
        in.whole4("a time");
        long crc = unsigned(in);
        long packed = unsigned(in);
        long size = unsigned(in);
        int nameLength = in.unsignedShort("a length");
        int extra = in.unsignedShort("a length");
        int comment = in.unsignedShort("a length");
        int disk = in.unsignedShort("a disk");
        in.unsignedShort("attributes");
        int attributes = in.whole4("attributes");
        long start = unsigned(in);
        String name = name(in, nameLength, folders);
        in.span(extra, "an extra field");
        if ((flags & ~FLAGS) != 0
                || (method != STORED && method != DEFLATED)
                || disk != 0
                || comment != 0
                || packed == IN_64_BITS
                || size == IN_64_BITS
                || start == IN_64_BITS
                || (attributes >>> 16 & FILE_TYPE) == SYMBOLIC_LINK) {
            throw refused(
                    Reason.ZIP_ENTRY,
                    name,
                    String.format(
                            "must be a plain file below 4 GiB, stored or deflated; found flags %#x, method %d, attributes"
                                    + " %#x, %d bytes at %d",
                            flags, method, attributes >>> 16, size, start));
        }
        if ((method == STORED && packed != size) || size > RATIO * Math.max(packed, 1)) {
            throw refused(
                    Reason.ZIP_SIZE,
                    name,
                    "has " + size + " bytes from " + packed + ", at most " + RATIO + " times as many are allowed");
        }
        long data = localHeader(archive, directory, name, flags, method, new long[] {crc, packed, size}, start);
        return new ZipEntryRecord(name, flags, method, crc, start, archive.part(data, packed, "entry " + name), size);
    }

    private static long unsigned(ByteReader in) throws IOException {
        return Integer.toUnsignedLong(in.whole4("the directory"));
    }

    /** A relative path of plain characters; with {@code folders} it has a folder. */
    private static String name(ByteReader in, int length, boolean folders) throws IOException {
        if (length > NAME_BYTES) {
            throw new RefusedException(
                    Reason.ZIP_NAME, "a name must have at most " + NAME_BYTES + " bytes, found " + length);
        }
        String name = new String(in.readBytes(length, "a name"), StandardCharsets.ISO_8859_1);
        String[] parts = name.split("/", -1);
        boolean plain = Arrays.stream(parts)
                .allMatch(part -> !part.isEmpty()
                        && !part.equals(".")
                        && !part.equals("..")
                        && part.chars().allMatch(ZipEntryRecord::isPlain));
        if (!plain || (folders && parts.length < 2)) {
            throw refused(Reason.ZIP_NAME, name, "is not a relative path of letters, digits and . _ -");
        }
        return name;
    }

    private static boolean isPlain(int character) {
        return (character < 128 && Character.isLetterOrDigit(character))
                || character == '.'
                || character == '_'
                || character == '-';
    }

    /** Offset of an entry's data, after a local header that must say the same as the directory. */
    private static long localHeader(
            Bytes archive, long directory, String name, int flags, int method, long[] sums, long start)
            throws IOException {
        if (start > directory - LOCAL_HEADER) {
            throw refused(Reason.ZIP_ENTRY, name, "has no local header");
        }
        ByteBuffer header = archive.littleEndian(start, LOCAL_HEADER, "a local header");
        int nameLength = header.getShort(26) & 0xffff;
        int extraLength = header.getShort(28) & 0xffff;
        long data = start + LOCAL_HEADER + nameLength + extraLength;
        boolean same = header.getInt(0) == 0x04034b50
                && nameLength == name.length()
                && header.getShort(6) == (short) flags
                && header.getShort(8) == (short) method
                && data + sums[1] <= directory;
        if (same) {
            int extra = Math.min(extraLength, EXTRA_64);
            byte[] rest = archive.read(start + LOCAL_HEADER, nameLength + extra, "a local header");
            same = name.equals(new String(rest, 0, nameLength, StandardCharsets.ISO_8859_1))
                    && ((flags & SIZES_FOLLOW) != 0
                            || Arrays.equals(
                                    sums,
                                    sums(
                                            header,
                                            ByteBuffer.wrap(rest, nameLength, extra)
                                                    .slice())));
        }
        if (!same) {
            throw refused(Reason.ZIP_ENTRY, name, "has a local header that differs from the directory");
        }
        return data;
    }

    /** Checksum, packed size and size of a local header; numpy.savez writes the sizes in 64 bits. */
    private static long[] sums(ByteBuffer header, ByteBuffer extra) {
        long packed = Integer.toUnsignedLong(header.getInt(18));
        long size = Integer.toUnsignedLong(header.getInt(22));
        extra.order(header.order());
        if (packed == IN_64_BITS
                && size == IN_64_BITS
                && extra.remaining() == EXTRA_64
                && extra.getShort(0) == ZIP64_EXTRA
                && extra.getShort(2) == 16) {
            size = extra.getLong(4);
            packed = extra.getLong(12);
        }
        return new long[] {Integer.toUnsignedLong(header.getInt(14)), packed, size};
    }

    static RefusedException refused(Reason reason, String name, String problem) {
        return new RefusedException(reason, "entry " + RefusedException.shown(name) + " " + problem);
    }
}
