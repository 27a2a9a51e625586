package dev.moco.operator.jobs;

/** Values of {@code status.phase} of a pod that are read. */
public final class PodPhase {
    public static final String PENDING = "Pending";
    public static final String SUCCEEDED = "Succeeded";
    public static final String FAILED = "Failed";

    private PodPhase() {}
}
