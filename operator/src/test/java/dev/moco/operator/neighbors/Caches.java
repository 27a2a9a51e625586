package dev.moco.operator.neighbors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The user's folder for programs that are built or downloaded once. */
final class Caches {
    private Caches() {}

    /** A folder below {@code ~/.cache/moco}, created unless it exists. */
    static Path folder(String name) throws IOException {
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path caches = xdg == null || xdg.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
        return Files.createDirectories(caches.resolve("moco").resolve(name));
    }
}
