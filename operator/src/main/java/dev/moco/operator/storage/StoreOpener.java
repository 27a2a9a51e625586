package dev.moco.operator.storage;

import dev.moco.artifacts.ObjectStore;
import dev.moco.artifacts.S3ObjectStore;
import dev.moco.artifacts.S3Timeouts;
import dev.moco.contract.StoreLocation;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** Opens a bucket. */
interface StoreOpener {
    /** Opens buckets of S3. */
    StoreOpener S3 = (location, credentials) -> S3ObjectStore.open(location, credentials, S3Timeouts.METADATA);

    /** Opens a bucket with credentials; empty takes the operator's own identity. */
    ObjectStore open(StoreLocation location, Optional<AwsCredentialsProvider> credentials);
}
