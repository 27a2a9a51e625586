package dev.moco.operator.local;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.ObjectStore;
import dev.moco.artifacts.S3ObjectStore;
import dev.moco.contract.Experiment;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Artifact store of a local run: a bucket of the user, or an embedded S3 server over the work folder. The embedded
 * server starts when a stage first needs it; this process reads its folder.
 */
public final class LocalStore implements AutoCloseable {
    private final WorkFolder work;
    private final @Nullable StoreLocation remote;
    private final ObjectStore objects;
    private @Nullable EmbeddedS3 server;

    private LocalStore(WorkFolder work, @Nullable StoreLocation remote) {
        this.work = work;
        this.remote = remote;
        this.objects = remote == null ? EmbeddedS3.folder(work.store()) : S3ObjectStore.open(remote);
    }

    /**
     * Opens the store and, for a bucket, checks that it can be reached.
     *
     * @param uri {@code s3://bucket/prefix}, read with endpoint and region of the experiment's file; null for the
     *     embedded server
     */
    public static LocalStore open(WorkFolder work, @Nullable String uri, Experiment experiment) throws IOException {
        return open(work, uri, List.of(experiment));
    }

    /**
     * Opens the store of several experiments, of which there is at least one.
     *
     * @throws StageFailure bad configuration, if one of them cannot use it, or they name several servers
     */
    public static LocalStore open(WorkFolder work, @Nullable String uri, List<Experiment> experiments)
            throws IOException {
        StoreLocation remote = null;
        if (uri == null) {
            refuseBuckets(experiments);
        } else {
            remote = location(uri, experiments);
        }
        LocalStore store = new LocalStore(work, remote);
        if (remote != null) {
            store.objects.get("v1/probe");
        }
        return store;
    }

    /**
     * Opens a store without an experiment.
     *
     * @param uri {@code s3://bucket/prefix}; null for the embedded server
     * @param endpoint URL of the bucket's server; null for that of the AWS settings
     */
    public static LocalStore open(WorkFolder work, @Nullable String uri, @Nullable String endpoint) throws IOException {
        if (uri == null) {
            return new LocalStore(work, null);
        }
        StoreLocation named = StoreLocation.of("--store", uri);
        LocalStore store = new LocalStore(
                work, new StoreLocation(named.bucket(), named.prefix(), endpoint, null, endpoint != null, true));
        store.objects.get("v1/probe");
        return store;
    }

    private static StoreLocation location(String uri, @Nullable StoreLocation file) {
        StoreLocation named = StoreLocation.of("--store", uri);
        return file == null
                ? named
                : new StoreLocation(
                        named.bucket(),
                        named.prefix(),
                        file.endpoint(),
                        file.region(),
                        file.pathStyle(),
                        file.checksums());
    }

    private static StoreLocation location(String uri, List<Experiment> experiments) {
        Experiment first = experiments.get(0);
        StoreLocation shared = location(uri, first.store());
        for (Experiment experiment : experiments) {
            if (!location(uri, experiment.store()).equals(shared)) {
                throw StageFailure.badConfig("--store is read with one endpoint, region, pathStyle and checksums:"
                        + " spec.storage of " + experiment.name() + " has others than that of " + first.name()
                        + "; run them apart");
            }
        }
        return shared;
    }

    /** Refuses raw data in a bucket: the embedded server's credentials give no access to it. */
    private static void refuseBuckets(List<Experiment> experiments) {
        List<StageFailure> failures = new ArrayList<>();
        for (Experiment experiment : experiments) {
            String name = experiments.size() > 1 ? experiment.name() + ": " : "";
            Stream.of(
                            experiment.data().imagenet(),
                            Optional.ofNullable(experiment.data().voc()).orElse(""))
                    .filter(StoreLocation::isBucket)
                    .findFirst()
                    .ifPresent(
                            source -> failures.add(StageFailure.badConfig(name + "spec.data has raw data in " + source
                                    + ": name a bucket of the same server for the artifacts with --store"
                                    + " s3://bucket/prefix")));
        }
        if (!failures.isEmpty()) {
            throw StageFailure.joined(failures);
        }
    }

    /** Experiments whose results are in the store. */
    public RunRecords records() {
        return new RunRecords(objects);
    }

    public ArtifactStore artifacts() {
        return new ArtifactStore(objects);
    }

    /** Location whose endpoint and region raw data in S3 is read with; null with the embedded server. */
    public @Nullable StoreLocation remote() {
        return remote;
    }

    /** Location of the store for stages; starts the embedded server. */
    public StoreLocation location() {
        return remote != null ? remote : server().location();
    }

    /** Path or URI of an object, by which a person finds it, and a stage reads it as a file of another program. */
    public String source(String key) {
        return remote == null
                ? work.store().resolve(EmbeddedS3.BUCKET).resolve(key).toString()
                : remote.uri(key);
    }

    /** Environment variables of stages that use the embedded store; empty for a bucket, whose credentials are inherited. */
    public Map<String, String> environment() {
        if (remote != null) {
            return Map.of();
        }
        Map<String, String> variables = new HashMap<>(server().environment());
        variables.put(StageTask.STORE_ON_DISK_VARIABLE, "1");
        return variables;
    }

    private EmbeddedS3 server() {
        EmbeddedS3 running = server;
        if (running == null) {
            running = EmbeddedS3.start(work.store());
            server = running;
        }
        return running;
    }

    @Override
    public void close() throws IOException {
        objects.close();
        if (server != null) {
            server.close();
        }
    }
}
