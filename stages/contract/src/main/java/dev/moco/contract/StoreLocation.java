package dev.moco.contract;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An S3 bucket and how to speak to it.
 *
 * @param bucket bucket
 * @param prefix key prefix without slashes at its ends; may be empty
 * @param endpoint URL of a server that is not AWS; null for AWS
 * @param region region; null takes the AWS chain's, or us-east-1 with an endpoint
 * @param pathStyle whether the bucket is in the path instead of the host name
 * @param checksums whether to send and check the SDK's default checksums; off for servers that refuse them
 */
public record StoreLocation(
        String bucket,
        String prefix,
        @Nullable String endpoint,
        @Nullable String region,
        boolean pathStyle,
        boolean checksums) {
    private static final Pattern URI = Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*?))?/*");

    /**
     * The bucket and prefix of AWS that an option names.
     *
     * @throws StageFailure bad configuration if it is not {@code s3://bucket/prefix}
     */
    public static StoreLocation of(String option, String uri) {
        Matcher matcher = URI.matcher(uri);
        if (!matcher.matches()) {
            throw StageFailure.badConfig(option + " must be s3://bucket/prefix, found \"" + uri + "\"");
        }
        String prefix = matcher.group(2) == null ? "" : matcher.group(2);
        return new StoreLocation(matcher.group(1), prefix, null, null, false, true);
    }
}
