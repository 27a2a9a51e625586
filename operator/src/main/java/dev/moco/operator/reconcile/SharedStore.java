package dev.moco.operator.reconcile;

import dev.moco.artifacts.ArtifactStatus;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.ObjectStore;
import dev.moco.artifacts.S3ObjectStore;
import dev.moco.artifacts.SourceTree;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** One store, shared by every experiment that gets into it in the same way: its client, its troubles, its commits. */
final class SharedStore {
    private static final Logger LOG = LoggerFactory.getLogger(SharedStore.class);
    /** Looks at once: a store that hangs must not hold every thread. */
    private static final int AT_ONCE = 3;
    /** A commit does not change; that its files are still there is looked at again for whoever comes later. */
    private static final Duration VERIFIED = Duration.ofMinutes(10);

    private final StoreLogin login;
    private final StoreSecrets secrets;
    private final Clock clock;
    private final Backoff backoff = new Backoff();
    private final Set<Runnable> waiting = new LinkedHashSet<>();
    private final Map<String, Verified> commits = new ConcurrentHashMap<>();
    private final Map<String, Object> locks = new ConcurrentHashMap<>();
    private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet();
    private int inside;
    private @Nullable AwsCredentialsProvider credentials;
    private @Nullable ObjectStore objects;

    SharedStore(StoreLogin login, StoreSecrets secrets, Clock clock) {
        this.login = login;
        this.secrets = secrets;
        this.clock = clock;
    }

    private record Verified(ArtifactStatus found, Instant at) {}

    Backoff backoff() {
        return backoff;
    }

    /** Runs {@code listener} whenever the store is back after a problem. */
    void onRecovery(Runnable listener) {
        listeners.add(listener);
    }

    void forget(Runnable listener) {
        listeners.remove(listener);
        synchronized (waiting) {
            waiting.remove(listener);
        }
    }

    /** Whether one more may look now; who may says when he has {@link #leave left}, and who may not is told of his turn. */
    boolean enter(Runnable turn) {
        synchronized (waiting) {
            if (inside < AT_ONCE) {
                inside++;
                return true;
            }
            waiting.add(turn);
            return false;
        }
    }

    void leave() {
        Runnable next = null;
        synchronized (waiting) {
            inside--;
            Iterator<Runnable> first = waiting.iterator();
            if (first.hasNext()) {
                next = first.next();
                first.remove();
            }
        }
        if (next != null) {
            next.run();
        }
    }

    void succeeded() {
        if (backoff.succeeded()) {
            LOG.info("store={} is reached again", place());
            listeners.forEach(Runnable::run);
        }
    }

    /** Notes a failure; after one of credentials or settings the next attempt reads the Secret anew. */
    void failed(Exception failure) {
        backoff.failed(String.valueOf(failure.getMessage()), clock.instant());
        LOG.warn("store={} failed: {}", place(), failure.getMessage());
        if (failure instanceof StageFailure known && known.exitCode() == ExitCode.BAD_CONFIG) {
            close();
        }
    }

    private String place() {
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
            return S3ObjectStore.open(location);
        }
        AwsCredentialsProvider known = credentials;
        if (known == null) {
            known = secrets.read(login.secret().get());
            credentials = known;
        }
        return S3ObjectStore.open(location, known);
    }

    ArtifactStore artifacts() {
        return new ArtifactStore(objects());
    }

    /** Looks at a key; what others found intact of late is taken from them. */
    ArtifactStatus look(Stage stage, String key) throws IOException {
        synchronized (locks.computeIfAbsent(key, unused -> new Object())) {
            Verified before = commits.get(key);
            Instant now = clock.instant();
            if (before != null && now.isBefore(before.at().plus(VERIFIED))) {
                return before.found();
            }
            ArtifactStatus found = artifacts().status(stage, key);
            if (found instanceof ArtifactStatus.Intact) {
                commits.put(key, new Verified(found, now));
            } else {
                commits.remove(key);
            }
            return found;
        }
    }

    /** Lists raw data, in a folder or a bucket of the same server. */
    String fingerprint(String source) throws IOException {
        try (SourceTree tree = SourceTree.open(source, login.location(), this::open)) {
            return tree.fingerprint();
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
