package dev.moco.operator.storage;

import dev.moco.contract.Stage;
import dev.moco.operator.observe.ManifestQuery;
import dev.moco.operator.observe.StoreSnapshot;
import dev.moco.operator.observe.StoreSnapshot.ManifestObservation;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Polls the store for one experiment, one read at a time, and keeps the latest snapshot. */
final class ExperimentStorePoller {
    private static final Logger LOG = LoggerFactory.getLogger(ExperimentStorePoller.class);
    /** A manifest query older than this starts no stage, since another process may have committed meanwhile. */
    private static final Duration MAX_AGE = Duration.ofSeconds(60);

    private final String uid;
    private final StoreLogin login;
    private final ScheduledExecutorService timers;
    private final Executor threads;
    private final Clock clock;
    private final Supplier<Duration> interval;
    private final Runnable onChange;

    @SuppressWarnings("UnnecessaryLambda") // the same object is registered and unregistered
    private final Runnable wakeNow = () -> wake(Duration.ZERO);

    private final StoreReader reader;
    /** Seeded, so that the same history has the same reads. */
    private final SplittableRandom jitter;

    private final Map<String, Instant> readAt = new HashMap<>();

    private @Nullable StoreRequest request;
    /** Stages that stopped running: their final progress, such as a last checkpoint, has yet to be read. */
    private final Map<String, Stage> finishing = new HashMap<>();

    private StoreSnapshot snapshot = StoreSnapshot.EMPTY;
    private @Nullable Future<?> timer;
    private Instant due = Instant.MAX;
    private volatile boolean polling;
    private boolean reading;
    private boolean readAgain;
    private boolean closed;

    /**
     * Creates a poller; it reads nothing before the first request.
     *
     * @param readers makes the reader, given a callback that requests another read
     * @param timers where reads become due
     * @param threads where they run
     * @param interval time between two reads of progress
     * @param onChange called after each change of the snapshot
     */
    ExperimentStorePoller(
            String uid,
            StoreLogin login,
            Function<Runnable, StoreReader> readers,
            ScheduledExecutorService timers,
            Executor threads,
            Clock clock,
            Supplier<Duration> interval,
            Runnable onChange) {
        this.uid = uid;
        this.jitter = new SplittableRandom(uid.hashCode());
        this.login = login;
        this.timers = timers;
        this.threads = threads;
        this.clock = clock;
        this.interval = interval;
        this.onChange = onChange;
        this.reader = readers.apply(wakeNow);
    }

    String uid() {
        return uid;
    }

    StoreLogin login() {
        return login;
    }

    /** Requests an immediate read. */
    Runnable wakeNow() {
        return wakeNow;
    }

    synchronized StoreSnapshot snapshot() {
        return snapshot;
    }

    /** True if it polls the progress of a running stage. Takes no lock: callers hold one while they query every poller. */
    boolean polling() {
        return polling;
    }

    synchronized void request(StoreRequest next) {
        if (request != null) {
            finishing.putAll(request.running());
        }
        finishing.keySet().removeAll(next.running().keySet());
        request = next;
        polling = !next.running().isEmpty();
        if (missing(next) || !finishing.isEmpty()) {
            wake(Duration.ZERO);
        } else if (polling) {
            wake(pause());
        }
    }

    private boolean missing(StoreRequest requested) {
        return !snapshot.fingerprints().keySet().containsAll(requested.sources().keySet())
                || requested.queries().stream().anyMatch(query -> !answered(query))
                || (requested.report().isPresent() && snapshot.reportUri().isEmpty());
    }

    private boolean answered(ManifestQuery query) {
        ManifestObservation observation = snapshot.observations().get(query.key());
        return observation != null && observation.version().equals(query.version());
    }

    /** True if every key was queried within {@link #MAX_AGE}; older observations are dropped and queried again. */
    synchronized boolean confirmFresh(Iterable<String> keys) {
        Map<String, ManifestObservation> recent = new HashMap<>(snapshot.observations());
        Instant oldest = clock.instant().minus(MAX_AGE);
        for (String key : keys) {
            if (readAt.getOrDefault(key, Instant.MIN).isBefore(oldest)) {
                recent.remove(key);
            }
        }
        boolean fresh = recent.size() == snapshot.observations().size();
        snapshot = snapshot.withObservations(recent);
        return fresh;
    }

    synchronized void close() {
        closed = true;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /** The interval with 10% jitter, so that experiments that started together do not poll together. */
    private Duration pause() {
        long millis = interval.get().toMillis();
        return Duration.ofMillis((long) (millis * jitter.nextDouble(0.9, 1.1)));
    }

    private synchronized void wake(Duration delay) {
        if (closed) {
            return;
        }
        if (reading) {
            readAgain |= delay.isZero();
            return;
        }
        Instant at = clock.instant().plus(delay);
        if (timer != null) {
            if (!at.isBefore(due)) {
                return;
            }
            timer.cancel(false);
        }
        due = at;
        try {
            timer = timers.schedule(() -> threads.execute(this::run), delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the operator is stopping", e);
        }
    }

    private void run() {
        StoreRequest toRead;
        StoreSnapshotBuilder builder;
        Set<String> finishingBefore;
        synchronized (this) {
            if (reading) {
                // The timer fired just before it was replaced.
                readAgain = true;
                return;
            }
            timer = null;
            if (closed || request == null) {
                return;
            }
            reading = true;
            readAgain = false;
            finishingBefore = Set.copyOf(finishing.keySet());
            toRead = request.withRunning(finishing);
            builder = new StoreSnapshotBuilder(snapshot);
        }
        Duration next = Duration.ZERO;
        try {
            next = reader.read(toRead, builder);
        } catch (RuntimeException e) {
            LOG.error("store read failed", e);
            next = interval.get();
        } finally {
            // A stage that stopped during the read may have been read too early.
            builder.polled.retainAll(finishingBefore);
            end(builder, next);
        }
    }

    private void end(StoreSnapshotBuilder builder, Duration next) {
        boolean changed;
        synchronized (this) {
            reading = false;
            StoreSnapshot latest = builder.build();
            changed = !closed && latest.isNews(snapshot);
            snapshot = latest;
            readAt.putAll(builder.readAt);
            finishing.keySet().removeAll(builder.polled);
            if (readAgain) {
                wake(Duration.ZERO);
            } else if (!next.isZero()) {
                wake(next.plusMillis(1));
            } else if (polling) {
                wake(pause());
            }
        }
        if (changed) {
            onChange.run();
        }
    }
}
