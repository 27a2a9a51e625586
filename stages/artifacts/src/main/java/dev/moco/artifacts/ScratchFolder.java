package dev.moco.artifacts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** A temporary folder that is deleted when it is closed, or when the process ends. */
public final class ScratchFolder implements AutoCloseable {
    private static final int ATTEMPTS = 20;

    private final Path path;
    private final Thread hook = new Thread(this::deleteQuietly, "scratch");

    private ScratchFolder(Path path) {
        this.path = path;
    }

    /** Creates a folder with a unique name below another one. */
    public static ScratchFolder below(Path parent, String name) throws IOException {
        Files.createDirectories(parent);
        ScratchFolder scratch = new ScratchFolder(Files.createTempDirectory(parent, name));
        Runtime.getRuntime().addShutdownHook(scratch.hook);
        return scratch;
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        FileTree.delete(path);
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending, and the hook finds the folder deleted.
        }
    }

    /** Tries several times, as other threads may still write to the folder. */
    private void deleteQuietly() {
        for (int attempt = 0; attempt < ATTEMPTS && Files.exists(path); attempt++) {
            try {
                FileTree.delete(path);
            } catch (IOException | UncheckedIOException e) {
                LockSupport.parkNanos(50_000_000);
            }
        }
    }
}
