package dev.moco.operator.storage;

import dev.moco.artifacts.ArtifactStatus;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.ObjectStore;
import dev.moco.artifacts.SourceTree;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** One store with its client, backoff and cached commits, shared by every experiment that uses the same credentials. */
final class SharedStore {
    private static final Logger LOG = LoggerFactory.getLogger(SharedStore.class);
    /** A commit does not change, but that its files still exist is checked again after this time. */
    private static final Duration CACHED = Duration.ofMinutes(10);

    private static final int LOCKS = 256;
    /** Longest listing of raw data. */
    private static final Duration LISTING = Duration.ofHours(2);
    /** Longest time of a report's reads and writes. */
    private static final Duration REPORT = Duration.ofMinutes(5);

    private final StoreLogin login;
    private final StoreSecrets secrets;
    private final Clock clock;
    private final StoreOpener opener;
    private final RequestBudget budget;
    private final Backoff backoff = new Backoff();
    private final Map<String, CachedStatus> commits = new ConcurrentHashMap<>();
    /** Equal keys have the same lock, so that each is read once. */
    private final Object[] locks = Stream.generate(Object::new).limit(LOCKS).toArray();

    private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet();
    private @Nullable AwsCredentialsProvider credentials;
    private @Nullable ObjectStore objects;

    SharedStore(StoreLogin login, StoreSecrets secrets, Clock clock, StoreOpener opener, RequestBudget budget) {
        this.login = login;
        this.secrets = secrets;
        this.clock = clock;
        this.opener = opener;
        this.budget = budget;
    }

    private record CachedStatus(ArtifactStatus found, Instant at) {}

    Backoff backoff() {
        return backoff;
    }

    /** Runs {@code listener} whenever the store is back after a problem. */
    void onRecovery(Runnable listener) {
        listeners.add(listener);
    }

    void forget(Runnable listener) {
        listeners.remove(listener);
    }

    void succeeded() {
        if (backoff.succeeded()) {
            LOG.info("store={} is reachable again", uri());
            listeners.forEach(Runnable::run);
        }
    }

    /** Records a failure. After one of credentials or settings the next attempt reads the Secret again. */
    void failed(Exception failure) {
        backoff.failed(String.valueOf(failure.getMessage()), clock.instant());
        LOG.warn("store={} failed: {}", uri(), failure.getMessage());
        if (failure instanceof StageFailure known && known.exitCode() == ExitCode.BAD_CONFIG) {
            close();
        }
    }

    private String uri() {
        StoreLocation location = login.location();
        return "s3://" + location.bucket() + "/" + location.prefix();
    }

    private synchronized ObjectStore objects() {
        if (objects == null) {
            objects = open(login.location());
        }
        return objects;
    }

    private synchronized ObjectStore open(StoreLocation location) {
        if (login.secret().isEmpty()) {
            return counted(opener.open(location, Optional.empty()));
        }
        AwsCredentialsProvider known = credentials;
        if (known == null) {
            known = secrets.read(login.secret().get());
            credentials = known;
        }
        return counted(opener.open(location, Optional.of(known)));
    }

    private ObjectStore counted(ObjectStore opened) {
        return new CountedStore(opened, budget::spend);
    }

    ArtifactStore artifacts() {
        return new ArtifactStore(objects());
    }

    /** The artifacts, for a report: refuses requests once it has taken too long. */
    ArtifactStore artifactsForReport() {
        Instant end = clock.instant().plus(REPORT);
        return new ArtifactStore(new CountedStore(objects(), request -> {
            if (clock.instant().isAfter(end)) {
                throw StageFailure.fault("the report takes longer than " + REPORT.toMinutes() + " minutes");
            }
        }));
    }

    /** The status of the artifact of a key; an intact one is cached for {@link #CACHED}. */
    ArtifactStatus status(Stage stage, String key) throws IOException {
        synchronized (locks[Math.floorMod(key.hashCode(), LOCKS)]) {
            Instant now = clock.instant();
            commits.values().removeIf(cached -> !now.isBefore(cached.at().plus(CACHED)));
            CachedStatus before = commits.get(key);
            if (before != null) {
                return before.found();
            }
            ArtifactStatus found = artifacts().status(stage, key).withoutFiles();
            if (found instanceof ArtifactStatus.Intact) {
                commits.put(key, new CachedStatus(found, now));
            }
            return found;
        }
    }

    /** Lists raw data in a folder or in a bucket of the same server, and hashes the listing. */
    String fingerprint(String source) throws IOException {
        try (SourceTree tree = SourceTree.open(source, login.location(), this::open)) {
            return tree.fingerprint(LISTING, files -> {});
        }
    }

    synchronized void close() {
        if (objects != null) {
            objects.close();
        }
        objects = null;
        credentials = null;
    }
}
