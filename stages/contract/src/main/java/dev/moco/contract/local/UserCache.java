package dev.moco.contract.local;

import dev.moco.contract.StageFailure;
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
     * @throws StageFailure bad configuration, if the user has no home
     *
     * @param account home folder of the user's account, for a process without the variable HOME
     */
    static Path folder(Map<String, String> variables, String account, String name) {
        String home = absolute(variables.get("HOME"), account);
        Path folder = Path.of(absolute(variables.get("XDG_CACHE_HOME"), home + "/.cache"), "moco", name);
        if (!folder.isAbsolute()) {
            throw StageFailure.badConfig("this user has no home folder, found '" + account
                    + "': set XDG_CACHE_HOME to a folder for what is unpacked once");
        }
        return folder;
    }

    private static String absolute(@Nullable String folder, String otherwise) {
        return folder != null && folder.startsWith("/") ? folder : otherwise;
    }
}
