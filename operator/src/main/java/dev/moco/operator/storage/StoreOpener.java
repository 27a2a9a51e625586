package dev.moco.operator.storage;

import dev.moco.artifacts.ObjectStore;
import dev.moco.artifacts.S3ObjectStore;
import dev.moco.contract.StoreLocation;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** Opens a bucket. */
interface StoreOpener {
    /** Opens buckets of S3. */
    StoreOpener S3 = (location, credentials) ->
            credentials.map(own -> S3ObjectStore.open(location, own)).orElseGet(() -> S3ObjectStore.open(location));

    /** Opens a bucket with credentials; empty takes the operator's own identity. */
    ObjectStore open(StoreLocation location, Optional<AwsCredentialsProvider> credentials);
}
