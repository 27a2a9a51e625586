package dev.moco.contract.local;

/** Environment variables that give an operator its default store and data, set by the local cluster and by images. */
public final class OperatorVariables {
    /** {@code s3://bucket/prefix} of experiments without {@code spec.storage}. */
    public static final String STORE = "MOCO_STORE";

    /** URL of the store's server; AWS without it. */
    public static final String STORE_ENDPOINT = "MOCO_STORE_ENDPOINT";

    /** Region of the store. */
    public static final String STORE_REGION = "MOCO_STORE_REGION";

    /** Secret with the store's credentials, in the namespace of each experiment. */
    public static final String STORE_SECRET = "MOCO_STORE_SECRET";

    /** True if all namespaces use the store as it is; without it each has its own prefix. */
    public static final String SHARE_STORE = "MOCO_SHARE_STORE";

    /** Root of relative folders of {@code spec.data}. */
    public static final String DATA_ROOT = "MOCO_DATA_ROOT";

    private OperatorVariables() {}
}
