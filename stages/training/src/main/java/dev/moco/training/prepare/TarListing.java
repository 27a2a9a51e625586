package dev.moco.training.prepare;

import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Lists the files of an uncompressed tar with their offsets, reading only the headers. */
final class TarListing {
    private static final int BLOCK = 512;

    private TarListing() {}

    /**
     * Lists regular files in the order of the archive.
     *
     * @param name name of the archive in messages
     */
    static List<Member> list(RawFiles files, String name, Extent tar) throws IOException {
        List<Member> members = new ArrayList<>();
        long end = 0;
        try (TarArchiveInputStream in = new TarArchiveInputStream(new ExtentStream(files, tar))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                long start = in.getBytesRead(); // the end of the header and of extra headers for long names
                end = start + (entry.getSize() + BLOCK - 1) / BLOCK * BLOCK;
                if (start + entry.getSize() > tar.length()) {
                    throw truncated(name, tar, entry.getName() + " needs " + (end - tar.length()) + " bytes more");
                }
                if (entry.isFile()) {
                    members.add(
                            new Member(entry.getName(), new Extent(tar.path(), tar.offset() + start, entry.getSize())));
                }
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
        return members;
    }

    private static StageFailure truncated(String name, Extent tar, String why) {
        return StageFailure.badData(
                "%s: truncated tar archive of %d bytes: %s; download it again".formatted(name, tar.length(), why));
    }

    /** A regular file of a tar. */
    record Member(String name, Extent extent) {}
}
