package dev.moco.training.weights.formats;

import dev.moco.training.weights.input.ByteReader;
import dev.moco.training.weights.input.Bytes;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An archive whose central directory, local headers and end agree with each other, from its first byte to its last. Java's
 * ZipFile is no judge: it checks neither checksums nor local headers nor names that are there twice.
 */
final class ZipArchive {
    private static final int END = 22;
    /** The 64-bit end record and its locator, which PyTorch always writes. */
    private static final int END_64 = 56;

    private static final int LOCATOR = 20;
    private static final int ENTRIES = 10_000;
    private static final long DIRECTORY_BYTES = 16 << 20;

    private final Map<String, ZipEntryRecord> entries = new LinkedHashMap<>();

    private ZipArchive() {}

    /**
     * Reads the directory.
     *
     * @param folders true if every entry must be in a folder
     */
    static ZipArchive open(Bytes archive, boolean folders) throws IOException {
        long end = archive.length() - END;
        if (end < 0 || archive.littleEndian(0, 4, "the archive").getInt() != 0x04034b50) {
            throw new RefusedException(Reason.ZIP, "the archive does not start at the first byte");
        }
        ByteBuffer record = archive.littleEndian(end, END, "the archive");
        if (record.getInt(0) != 0x06054b50 || record.getShort(20) != 0) {
            throw new RefusedException(
                    Reason.ZIP,
                    "the last " + END + " bytes must be the end of an archive without a comment: it is truncated, or"
                            + " something follows");
        }
        int count = record.getShort(10) & 0xffff;
        long size = Integer.toUnsignedLong(record.getInt(12));
        long start = Integer.toUnsignedLong(record.getInt(16));
        long directoryEnd = endOfDirectory(archive, end, count, size, start);
        boolean oneDisk = record.getInt(4) == 0 && (record.getShort(8) & 0xffff) == count;
        if (!oneDisk || count > ENTRIES || size > DIRECTORY_BYTES || start + size != directoryEnd) {
            throw new RefusedException(
                    Reason.ZIP,
                    "the central directory must have at most " + ENTRIES + " entries and end at byte " + directoryEnd
                            + ", found " + count + " entries in " + size + " bytes at " + start);
        }
        ZipArchive read = new ZipArchive();
        ByteReader in = new ByteReader(archive.part(start, size, "the directory"));
        for (int i = 0; i < count; i++) {
            ZipEntryRecord entry = ZipEntryRecord.read(in, archive, start, folders);
            if (read.entries.putIfAbsent(entry.name(), entry) != null) {
                throw ZipEntryRecord.refused(Reason.ZIP_DUPLICATE, entry.name(), "is there twice");
            }
        }
        if (in.remaining() > 0) {
            throw new RefusedException(Reason.ZIP, "bytes follow the central directory");
        }
        read.checkApart();
        return read;
    }

    /** Start of the end records. The 64-bit one, if it is there, must say the same. */
    private static long endOfDirectory(Bytes archive, long end, int count, long size, long start) throws IOException {
        long end64 = end - LOCATOR - END_64;
        if (end64 < 0) {
            return end;
        }
        ByteBuffer record = archive.littleEndian(end64, END_64 + LOCATOR, "the archive");
        if (record.getInt(0) != 0x06064b50 || record.getInt(END_64) != 0x07064b50) {
            return end;
        }
        if (record.getLong(END_64 + 8) != end64
                || record.getLong(4) != END_64 - 12
                || record.getLong(16) != 0
                || record.getLong(24) != count
                || record.getLong(32) != count
                || record.getLong(40) != size
                || record.getLong(48) != start) {
            throw new RefusedException(Reason.ZIP, "the 64-bit end record differs from the other");
        }
        return end64;
    }

    /** Refuses entries that share bytes. */
    private void checkApart() {
        List<ZipEntryRecord> inOrder = entries.values().stream()
                .sorted(Comparator.comparingLong(ZipEntryRecord::start))
                .toList();
        for (int i = 1; i < inOrder.size(); i++) {
            ZipEntryRecord before = inOrder.get(i - 1);
            // At least a header, a name and the data lie between two starts.
            if (before.start() + before.name().length() + 30 + before.data().length()
                    > inOrder.get(i).start()) {
                throw ZipEntryRecord.refused(Reason.ZIP_OVERLAP, inOrder.get(i).name(), "overlaps another");
            }
        }
    }

    Set<String> names() {
        return entries.keySet();
    }

    @Nullable
    ZipEntryRecord entry(String name) {
        return entries.get(name);
    }
}
