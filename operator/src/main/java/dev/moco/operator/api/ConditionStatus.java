package dev.moco.operator.api;

/** Statuses of a condition, of this API's resources as of Kubernetes' own. */
public final class ConditionStatus {
    public static final String TRUE = "True";
    public static final String FALSE = "False";
    public static final String UNKNOWN = "Unknown";

    private ConditionStatus() {}
}
