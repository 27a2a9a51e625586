package dev.moco.training.prepare;

import dev.moco.contract.StageFailure;
import dev.moco.training.data.FileKind;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarUtils;

/** Lists the files of an uncompressed tar with their offsets, reading only the headers. */
final class TarListing {
    private static final int BLOCK = 512;

    private TarListing() {}

    /**
     * Lists files in the order of the archive ({@link TarMembers}).
     *
     * @param name name of the archive in messages
     */
    static List<Member> list(RawFiles files, String name, Extent tar) throws IOException {
        requireTar(files, name, tar);
        TarMembers members = new TarMembers(name);
        long end = 0;
        try (TarArchiveInputStream in = new TarArchiveInputStream(new ExtentStream(files, tar))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                long start = in.getBytesRead(); // the end of the header and of extra headers for long names
                end = start + (entry.getSize() + BLOCK - 1) / BLOCK * BLOCK;
                if (start + entry.getSize() > tar.length()) {
                    throw truncated(name, tar, entry.getName() + " needs " + (end - tar.length()) + " bytes more");
                }
                members.add(
                        entry.getLinkFlag(),
                        entry.getName(),
                        entry.getLinkName(),
                        new Extent(tar.path(), tar.offset() + start, entry.getSize()));
            }
        } catch (IOException e) {
            if (e.getClass().getName().startsWith("java.nio.file")) {
                throw e;
            }
            throw StageFailure.badData("%s: not a complete tar archive: %s".formatted(name, e.getMessage()), e);
        }
        // Only the missing blocks of zeros at the end show that an archive was truncated between two files.
        if (end + BLOCK > tar.length()) {
            throw truncated(name, tar, "its end-of-archive block is missing");
        }
        return members.list();
    }

    /** Tells a file of another kind from a torn tar, which to download again would mend. */
    private static void requireTar(RawFiles files, String name, Extent tar) throws IOException {
        int length = (int) Math.min(tar.length(), FileKind.BYTES);
        byte[] first = new Extent(tar.path(), tar.offset(), length).read(files);
        if (length == FileKind.BYTES && !isHeader(first) && !isZero(first)) {
            throw StageFailure.badData("%s: not a tar archive but %s; an uncompressed tar is expected"
                    .formatted(name, FileKind.of(first)));
        }
        if (length < FileKind.BYTES) {
            throw truncated(name, tar, "it is " + FileKind.of(first));
        }
    }

    private static boolean isHeader(byte[] block) {
        try {
            return TarUtils.verifyCheckSum(block);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isZero(byte[] bytes) {
        return Arrays.equals(bytes, new byte[bytes.length]);
    }

    private static StageFailure truncated(String name, Extent tar, String why) {
        return StageFailure.badData(
                "%s: truncated tar archive of %d bytes: %s; download it again".formatted(name, tar.length(), why));
    }

    /** A file of a tar. */
    record Member(String name, Extent extent) {}
}
