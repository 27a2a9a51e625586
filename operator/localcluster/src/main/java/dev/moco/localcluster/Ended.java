package dev.moco.localcluster;

/**
 * How a container ended.
 *
 * @param exitCode as the kubelet would report it: 128 and the signal's number where one ended it
 * @param message termination message; empty without
 */
public record Ended(int exitCode, String message) {
    static final int SIGTERM = 143;
    static final int SIGKILL = 137;
}
