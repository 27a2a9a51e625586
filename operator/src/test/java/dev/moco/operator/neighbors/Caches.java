package dev.moco.operator.neighbors;

import dev.moco.contract.local.UserCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The user's folder for programs that are built or downloaded once. */
final class Caches {
    private Caches() {}

    /** A folder below {@code ~/.cache/moco}, created unless it exists. */
    static Path folder(String name) throws IOException {
        return Files.createDirectories(UserCache.folder(name));
    }
}
