package dev.moco.operator.api;

/**
 * Patterns of the resource's texts, for the schema and the reader: whole matches, in the syntax that Java and
 * RE2 share.
 */
public final class Syntax {
    /** Name of a Kubernetes object: a DNS subdomain. */
    public static final String NAME = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";

    public static final int NAME_LENGTH = 253;

    /** A DNS label: the name of an experiment, or of a queue, whose name becomes a label's value. */
    public static final String LABEL = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

    public static final int LABEL_LENGTH = 63;

    /** Key of a label or taint, with or without a domain. */
    public static final String KEY =
            "^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$";

    /** Length of a domain, a slash and a name. */
    public static final int KEY_LENGTH = 253 + 1 + 63;

    /** Value of a label or taint; may be empty. */
    public static final String VALUE = "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$";

    /** An S3 bucket. */
    public static final String BUCKET = "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$";

    /** Prefix of keys in a bucket; may be empty. */
    public static final String PREFIX = "^([^/]|[^/].*[^/])?$";

    public static final int PREFIX_LENGTH = 512;

    /** A server without a path. */
    public static final String ENDPOINT = "^https?://[^/\\s]+/?$";

    public static final String REGION = "^[a-z0-9-]+$";

    /** Raw data in a bucket. */
    public static final String S3_SOURCE = "^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?$";

    /** A text with more than white space. */
    public static final String NOT_BLANK = "^.*[^\\s].*$";

    /** An extended resource of nodes, or none. */
    public static final String ACCELERATOR =
            "^(None|[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$";

    /** A container image. */
    public static final String IMAGE = "^[a-zA-Z0-9][a-zA-Z0-9./:@_-]*$";

    /** Bytes as Kubernetes writes them, of at least a megabyte. */
    public static final String QUANTITY = "^[1-9][0-9]{0,5}(\\.[0-9]{1,3})?(Mi|Gi|Ti|M|G|T)$";

    /** Length of texts without a bound of their own: locations, images. */
    public static final int TEXT_LENGTH = 1024;

    /** The largest whole number that is exact wherever JSON is read: 2^53 - 1. */
    public static final long LARGEST = (1L << 53) - 1;

    private Syntax() {}
}
