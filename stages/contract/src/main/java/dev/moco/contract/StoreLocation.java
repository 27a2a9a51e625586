package dev.moco.contract;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Location of an S3 bucket, and settings of its requests.
 *
 * @param bucket name of the bucket
 * @param prefix key prefix without slashes at its ends; may be empty
 * @param endpoint URL of the server; null for AWS
 * @param region region; if null, the AWS chain's, or us-east-1 with an endpoint
 * @param pathStyle true if the bucket is in the path of a request, not in its host name
 * @param checksums true to send and check the SDK's default checksums, which some servers refuse
 */
public record StoreLocation(
        String bucket,
        String prefix,
        @Nullable String endpoint,
        @Nullable String region,
        boolean pathStyle,
        boolean checksums) {
    private static final String SCHEME = "s3://";
    private static final Pattern URI = Pattern.compile(SCHEME + "([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*?))?/*");

    /**
     * Parses the value of an option as a bucket and prefix of AWS.
     *
     * @throws StageFailure bad configuration if the value is not {@code s3://bucket/prefix}
     */
    public static StoreLocation of(String option, String uri) {
        Matcher matcher = URI.matcher(uri);
        if (!matcher.matches()) {
            throw StageFailure.badConfig(option + " must be s3://bucket/prefix, found \"" + uri + "\"");
        }
        String prefix = matcher.group(2) == null ? "" : matcher.group(2);
        return new StoreLocation(matcher.group(1), prefix, null, null, false, true);
    }

    /** URI of an object, {@code s3://bucket/prefix/key}. */
    public String uri(String key) {
        return SCHEME + bucket + "/" + (prefix.isEmpty() ? "" : prefix + "/") + key;
    }

    /** Returns whether raw data is in a bucket: {@code s3://bucket/prefix}, not a folder. */
    public static boolean isBucket(String source) {
        return source.startsWith(SCHEME);
    }
}
