package dev.moco.artifacts;

import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
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

    /**
     * Downloads an object to a file, which is created atomically.
     *
     * @param name key of the object
     * @throws StageFailure bad data if the SHA-256 is not the expected one
     */
    static void download(ObjectStore objects, String name, FileEntry expected, Path to) throws IOException {
        Files.createDirectories(to.toAbsolutePath().getParent());
        Path temporary = Files.createTempFile(to.toAbsolutePath().getParent(), ".download", ".tmp");
        try {
            String found;
            try (InputStream in = objects.openUnchecked(name);
                    OutputStream out = Files.newOutputStream(temporary)) {
                found = HashedCopy.copy(in, out);
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
}
