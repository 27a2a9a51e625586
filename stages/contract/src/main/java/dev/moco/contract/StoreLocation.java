package dev.moco.contract;

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
        boolean checksums) {}
