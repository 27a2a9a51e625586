package dev.moco.localcluster;

/**
 * Exit of a container.
 *
 * @param exitCode as a kubelet reports it: 128 plus the number of the signal that ended it
 * @param message termination message; empty if there is none
 */
public record ContainerExit(int exitCode, String message) {
    static final int SIGTERM = 143;
    static final int SIGKILL = 137;
}
