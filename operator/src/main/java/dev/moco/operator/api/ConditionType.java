package dev.moco.operator.api;

/**
 * Types of the conditions of a {@code MoCoExperiment}: the three of kstatus, and others that users wait for or that
 * warn them.
 */
public final class ConditionType {
    public static final String READY = "Ready";
    public static final String RECONCILING = "Reconciling";
    public static final String STALLED = "Stalled";
    public static final String SUCCEEDED = "Succeeded";
    public static final String REPRODUCED = "Reproduced";
    public static final String SUSPENDED = "Suspended";
    public static final String STORAGE_REACHABLE = "StorageReachable";
    public static final String DATA_LOADER_BOUND = "DataLoaderBound";

    private ConditionType() {}
}
