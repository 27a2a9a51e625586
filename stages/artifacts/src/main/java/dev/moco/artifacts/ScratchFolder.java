package dev.moco.artifacts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A folder that is deleted with its files, at the latest when the process is asked to end. */
public final class ScratchFolder implements AutoCloseable {
    private static final int ATTEMPTS = 20;

    private final Path path;
    private final Thread hook = new Thread(this::deleteQuietly, "scratch");

    private ScratchFolder(Path path) {
        this.path = path;
    }

    /** Makes a folder with a name of its own below another. */
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
        delete();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending: the hook finds nothing left.
        }
    }

    private void delete() throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(path)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : all) {
            Files.deleteIfExists(file);
        }
    }

    /** Tries a few times, as others may still write there. */
    private void deleteQuietly() {
        for (int attempt = 0; attempt < ATTEMPTS && Files.exists(path); attempt++) {
            try {
                delete();
            } catch (IOException | UncheckedIOException e) {
                LockSupport.parkNanos(50_000_000);
            }
        }
    }
}
