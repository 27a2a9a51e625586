package dev.moco.contract.local;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The user's folder for what is built or unpacked once for all checkouts and work folders. */
public final class UserCache {
    private UserCache() {}

    /** A folder below {@code ~/.cache/moco}, or below {@code moco} in {@code XDG_CACHE_HOME}; it may not exist. */
    public static Path folder(String name) {
        return folder(System.getenv(), System.getProperty("user.home"), name);
    }

    /**
     * By the XDG specification a relative folder is ignored.
     *
     * @param account home folder of the user's account, for a process without the variable HOME
     */
    static Path folder(Map<String, String> variables, String account, String name) {
        String home = absolute(variables.get("HOME"), account);
        return Path.of(absolute(variables.get("XDG_CACHE_HOME"), home + "/.cache"), "moco", name);
    }

    private static String absolute(@Nullable String folder, String otherwise) {
        return folder != null && folder.startsWith("/") ? folder : otherwise;
    }
}
