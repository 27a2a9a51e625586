package dev.moco.training.prepare;

import dev.moco.contract.StageFailure;
import dev.moco.training.data.FileKind;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipEncoding;
import org.apache.commons.compress.archivers.zip.ZipEncodingHelper;
import org.jspecify.annotations.Nullable;

/** Goes through the headers of an uncompressed tar (ustar, GNU or POSIX), each at the offset that the one before gives. */
final class TarHeaders {
    private static final int BLOCK = 512;
    /** Most bytes of a long name or of a member's attributes. */
    private static final int MAX_ATTRIBUTES = 1 << 20;

    private static final ZipEncoding UTF_8 = ZipEncodingHelper.getZipEncoding(StandardCharsets.UTF_8);

    private final TarReader reader;
    private final String name;
    private final Extent tar;
    private final Map<String, String> global = new HashMap<>();
    private long position;

    /**
     * Begins at the first header.
     *
     * @param name name of the archive in messages
     * @param tar place of the archive in the reader's file; its path is that of the members
     */
    TarHeaders(TarReader reader, String name, Extent tar) {
        this.reader = reader;
        this.name = name;
        this.tar = tar;
    }

    /** A member: its type as in the header, name, the name that it links to or "", and its content. */
    record Header(char type, String name, String link, Extent content) {
        /** Returns whether it is a regular file or a link, and not the file that macOS writes beside each file. */
        boolean isFile() {
            return !name.endsWith("/")
                    && !RawFiles.fileName(name).startsWith("._")
                    && (type == 0 || "0127".indexOf(type) >= 0);
        }
    }

    /** Bytes of the archive up to the next header. */
    long position() {
        return position;
    }

    /** Reads the next header; null at the end of the archive. */
    @Nullable
    Header next() throws IOException {
        Map<String, String> attributes = new HashMap<>(global);
        while (true) {
            if (position + BLOCK > tar.length()) {
                // Only the missing blocks of zeros at the end show that an archive was truncated between two files.
                throw truncated("its end-of-archive block is missing");
            }
            byte[] block = read(position, BLOCK);
            if (isZero(block)) {
                return null;
            }
            TarArchiveEntry entry = entry(block);
            long start = position + BLOCK;
            boolean hasAttributes = entry.isPaxHeader()
                    || entry.isGlobalPaxHeader()
                    || entry.isGNULongNameEntry()
                    || entry.isGNULongLinkEntry();
            long size = hasAttributes ? entry.getSize() : size(entry, attributes);
            position = start + (size + BLOCK - 1) / BLOCK * BLOCK;
            String member = attributes.getOrDefault("path", entry.getName());
            if (start + size > tar.length()) {
                throw truncated(member + " needs " + (position - tar.length()) + " bytes more");
            }
            if (!hasAttributes) {
                if (entry.isSparse() || attributes.keySet().stream().anyMatch(key -> key.startsWith("GNU.sparse"))) {
                    throw StageFailure.badData(("%s: %s is stored without its zeros, as a sparse file, which is not"
                                    + " supported; pack it again without --sparse")
                            .formatted(name, member));
                }
                return new Header(
                        (char) entry.getLinkFlag(),
                        member,
                        attributes.getOrDefault("linkpath", entry.getLinkName()),
                        new Extent(tar.path(), tar.offset() + start, size));
            }
            read(entry, start, size, attributes);
        }
    }

    private byte[] read(long offset, int length) throws IOException {
        try {
            return reader.read(tar.offset() + offset, length);
        } catch (EOFException e) {
            throw StageFailure.badData("%s: not a complete tar archive: %s".formatted(name, e.getMessage()), e);
        }
    }

    private TarArchiveEntry entry(byte[] block) {
        try {
            TarArchiveEntry entry = new TarArchiveEntry(block, UTF_8);
            if (!entry.isCheckSumOK()) {
                throw new IllegalArgumentException("the checksum of the header at " + position + " is wrong");
            }
            return entry;
        } catch (IOException | IllegalArgumentException e) {
            if (position == 0) {
                throw StageFailure.badData(
                        "%s: not a tar archive but %s; an uncompressed tar is expected"
                                .formatted(name, FileKind.of(block)),
                        e);
            }
            throw StageFailure.badData("%s: not a complete tar archive: %s".formatted(name, e.getMessage()), e);
        }
    }

    /** Size of the content; that of a hard link is the linked file's, of which nothing follows. */
    private long size(TarArchiveEntry entry, Map<String, String> attributes) {
        if (entry.isLink()) {
            return 0;
        }
        String size = attributes.get("size");
        try {
            return size == null ? entry.getSize() : Long.parseUnsignedLong(size);
        } catch (NumberFormatException e) {
            throw StageFailure.badData("%s: size \"%s\" of %s is no number".formatted(name, size, entry.getName()), e);
        }
    }

    private void read(TarArchiveEntry entry, long start, long size, Map<String, String> attributes) throws IOException {
        if (size > MAX_ATTRIBUTES) {
            throw StageFailure.badData("%s: a member's name and attributes have %d bytes; allowed are at most %d"
                    .formatted(name, size, MAX_ATTRIBUTES));
        }
        byte[] content = read(start, (int) size);
        if (entry.isGNULongNameEntry()) {
            attributes.put("path", text(content));
        } else if (entry.isGNULongLinkEntry()) {
            attributes.put("linkpath", text(content));
        } else if (entry.isGlobalPaxHeader()) {
            addRecords(content, global);
            addRecords(content, attributes);
        } else {
            addRecords(content, attributes);
        }
    }

    private static String text(byte[] content) {
        String text = new String(content, StandardCharsets.UTF_8);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    /** Records as {@code "<length> <key>=<value>\n"}, where the length counts the whole record in bytes. */
    private void addRecords(byte[] content, Map<String, String> attributes) {
        int at = 0;
        while (at < content.length && content[at] != 0) {
            int space = at;
            while (space < content.length && content[space] >= '0' && content[space] <= '9') {
                space++;
            }
            String length = new String(content, at, space - at, StandardCharsets.US_ASCII);
            int end = length.matches("\\d{1,7}") ? at + Integer.parseInt(length) : -1;
            if (end <= space + 1 || end > content.length) {
                throw StageFailure.badData(name + ": a member's attributes are damaged");
            }
            String[] record = new String(content, space + 1, end - space - 2, StandardCharsets.UTF_8).split("=", 2);
            if (record.length == 2) {
                attributes.put(record[0], record[1]);
            }
            at = end;
        }
    }

    private static boolean isZero(byte[] block) {
        for (byte value : block) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }

    private StageFailure truncated(String why) {
        return StageFailure.badData(
                "%s: truncated tar archive of %d bytes: %s; download it again".formatted(name, tar.length(), why));
    }
}
