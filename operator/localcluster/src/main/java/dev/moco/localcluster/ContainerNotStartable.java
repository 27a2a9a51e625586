package dev.moco.localcluster;

/** Why a container cannot be started now; the pod waits and tries again, as a kubelet's would. */
final class ContainerNotStartable extends Exception {
    private static final long serialVersionUID = 1;
    private final String reason;

    /**
     * The container's waiting state.
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

    /** As text. */
    String message() {
        return String.valueOf(getMessage());
    }
}
