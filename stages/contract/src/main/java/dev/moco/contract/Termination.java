package dev.moco.contract;

import org.jspecify.annotations.Nullable;

/**
 * The last words of a stage process, in the container's termination message.
 *
 * @param exitCode its exit code, see {@link ExitCode}
 * @param message one line for the user: where, what, found, allowed; null if done
 * @param digest digest of the committed manifest; null unless done
 */
public record Termination(
        int exitCode, @Nullable String message, @Nullable String digest) {}
