package dev.moco.contract;

import org.jspecify.annotations.Nullable;

/**
 * Content of a stage container's termination message.
 *
 * @param exitCode exit code of the process, see {@link ExitCode}
 * @param message failure in one line for the user; null on success
 * @param digest digest of the committed manifest; null on failure
 */
public record Termination(
        int exitCode, @Nullable String message, @Nullable String digest) {}
