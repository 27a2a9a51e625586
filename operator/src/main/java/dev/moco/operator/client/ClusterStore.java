package dev.moco.operator.client;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.ObjectStore;
import dev.moco.artifacts.S3ObjectStore;
import dev.moco.artifacts.SourceTree;
import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * Store of a cluster's experiments: opened with the Secret of the stages if this user may read it, else with the usual AWS
 * credentials.
 */
final class ClusterStore implements AutoCloseable {
    private final StoreLocation location;
    private final Optional<AwsCredentialsProvider> credentials;
    private final ObjectStore objects;

    private ClusterStore(StoreLocation location, Optional<AwsCredentialsProvider> credentials) {
        this.location = location;
        this.credentials = credentials;
        this.objects = open(location);
    }

    static ClusterStore open(ClusterClient cluster, StoreOf store) {
        return new ClusterStore(
                store.location(), store.secret().flatMap(cluster::secret).flatMap(ClusterStore::credentials));
    }

    private ObjectStore open(StoreLocation place) {
        return credentials.map(own -> S3ObjectStore.open(place, own)).orElseGet(() -> S3ObjectStore.open(place));
    }

    private static Optional<AwsCredentialsProvider> credentials(Map<String, String> secret) {
        Optional<String> id = value(secret, "AWS_ACCESS_KEY_ID");
        Optional<String> key = value(secret, "AWS_SECRET_ACCESS_KEY");
        if (id.isEmpty() || key.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(StaticCredentialsProvider.create(value(secret, "AWS_SESSION_TOKEN")
                .<AwsCredentials>map(session -> AwsSessionCredentials.create(id.get(), key.get(), session))
                .orElseGet(() -> AwsBasicCredentials.create(id.get(), key.get()))));
    }

    private static Optional<String> value(Map<String, String> secret, String name) {
        return Optional.ofNullable(secret.get(name))
                .map(encoded -> new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8).strip())
                .filter(value -> !value.isEmpty());
    }

    ObjectStore objects() {
        return objects;
    }

    ArtifactStore artifacts() {
        return new ArtifactStore(objects);
    }

    /** Fingerprint of raw data in a folder or a bucket of the same server. */
    String fingerprint(String source) throws IOException {
        try (SourceTree tree = SourceTree.open(source, location, this::open)) {
            return tree.fingerprint();
        }
    }

    @Override
    public void close() {
        objects.close();
    }
}
