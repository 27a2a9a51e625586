package dev.moco.localcluster;

import dev.moco.artifacts.FileTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;

/** Files with keys and tokens, readable by this user only. */
final class PrivateFiles {
    private PrivateFiles() {}

    /** Creates a folder that only this user can enter. */
    static Path folder(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        return folder;
    }

    /** Writes a file atomically; at no time can others read it. */
    static void write(Path file, String text) throws IOException {
        Path temporary = Files.createTempFile(file.toAbsolutePath().getParent(), ".new", "");
        Files.writeString(temporary, text);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** A random secret, in hexadecimal digits. */
    static String random(int bytes) {
        byte[] random = new byte[bytes];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    /** Deletes a folder and its contents, even if another process deletes files there at the same time. */
    static void delete(Path folder) throws IOException {
        try {
            FileTree.delete(folder);
        } catch (NoSuchFileException e) {
            // Nothing to delete.
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
