package dev.moco.localcluster;

/** A container that cannot be started now; the node tries again later, as a kubelet does. */
final class ContainerNotStartable extends Exception {
    private static final long serialVersionUID = 1;
    private final String reason;

    /**
     * Fails with the container's waiting state.
     *
     * @param reason such as {@code CreateContainerConfigError}
     */
    ContainerNotStartable(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }

    /** Message of the waiting state. */
    String message() {
        return String.valueOf(getMessage());
    }
}
