package dev.moco.artifacts;

import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.StageFailure;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Computes the SHA-256 of local files, and verifies it at downloads. */
final class VerifiedFiles {
    private VerifiedFiles() {}

    static FileEntry entry(String path, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            String sha256 = HashedCopy.copy(in, OutputStream.nullOutputStream());
            return new FileEntry(path, Files.size(file), sha256);
        }
    }

    /** Returns whether a file has the size and SHA-256 of an entry. */
    static boolean intact(FileEntry expected, Path file) throws IOException {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && Files.size(file) == expected.size()
                && entry(expected.path(), file).equals(expected);
    }

    /**
     * Downloads an object to a file, which is created atomically. No more is read than the expected size and one byte.
     *
     * @param name key of the object
     * @throws StageFailure bad data if the size or SHA-256 is not the expected one
     */
    static void download(ObjectStore objects, String name, FileEntry expected, Path to) throws IOException {
        Files.createDirectories(to.toAbsolutePath().getParent());
        Path temporary = Files.createTempFile(to.toAbsolutePath().getParent(), ".download", ".tmp");
        try {
            String found;
            try (InputStream in = objects.openUnchecked(name);
                    OutputStream out = Files.newOutputStream(temporary)) {
                found = HashedCopy.copy(new FirstBytes(in, expected.size()), out);
            }
            if (Files.size(temporary) > expected.size()) {
                throw StageFailure.badData(name + " in " + objects.place() + " was altered: it has more than the "
                        + expected.size() + " bytes that were committed");
            }
            if (!found.equals(expected.sha256())) {
                throw StageFailure.badData(name + " in " + objects.place() + " was altered: its SHA-256 is " + found
                        + " and its size " + Files.size(temporary) + ", committed were " + expected.sha256() + " and "
                        + expected.size());
            }
            Files.move(temporary, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** The first bytes of a stream: as many as expected and one more, which shows that there are more. */
    private static final class FirstBytes extends FilterInputStream {
        private long left;

        FirstBytes(InputStream in, long expected) {
            super(in);
            left = expected == Long.MAX_VALUE ? expected : expected + 1;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int count) throws IOException {
            if (left == 0) {
                return -1;
            }
            int read = in.read(bytes, offset, (int) Math.min(count, left));
            left -= Math.max(0, read);
            return read;
        }
    }
}
