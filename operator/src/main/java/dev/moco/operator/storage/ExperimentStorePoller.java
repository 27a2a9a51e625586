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
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One experiment's looks at its store: when there is one, one at a time, and what they have seen. */
final class ExperimentStorePoller {
    private static final Logger LOG = LoggerFactory.getLogger(ExperimentStorePoller.class);
    /** Older looks start no stage: somebody may have committed meanwhile. */
    private static final Duration FRESH = Duration.ofSeconds(60);

    private final String uid;
    private final StoreLogin login;
    private final ScheduledExecutorService threads;
    private final Clock clock;
    private final Supplier<Duration> interval;
    private final Runnable news;

    @SuppressWarnings("UnnecessaryLambda") // the same object is registered and taken back
    private final Runnable now = () -> wake(Duration.ZERO);

    private final StoreReader looks;
    private final Map<String, Instant> lookedAt = new HashMap<>();

    private @Nullable StoreRequest wanted;
    /** Stages that were followed and run no more: their last words, such as of a checkpoint, are yet to be read. */
    private final Map<String, Stage> parted = new HashMap<>();

    private StoreSnapshot view = StoreSnapshot.EMPTY;
    private @Nullable Future<?> timer;
    private Instant due = Instant.MAX;
    private volatile boolean follows;
    private boolean looking;
    private boolean again;
    private boolean closed;

    /**
     * Watches.
     *
     * @param looks makes the looks, given what is to be run for another one at once
     * @param interval between two looks at progress
     * @param news told of every change of the view
     */
    ExperimentStorePoller(
            String uid,
            StoreLogin login,
            Function<Runnable, StoreReader> looks,
            ScheduledExecutorService threads,
            Clock clock,
            Supplier<Duration> interval,
            Runnable news) {
        this.uid = uid;
        this.login = login;
        this.threads = threads;
        this.clock = clock;
        this.interval = interval;
        this.news = news;
        this.looks = looks.apply(now);
    }

    String uid() {
        return uid;
    }

    StoreLogin login() {
        return login;
    }

    /** What asks for a look at once. */
    Runnable now() {
        return now;
    }

    synchronized StoreSnapshot view() {
        return view;
    }

    /** Whether it follows the progress of a stage; without the lock, which others hold while they ask all. */
    boolean follows() {
        return follows;
    }

    synchronized void want(StoreRequest next) {
        if (wanted != null) {
            parted.putAll(wanted.running());
        }
        parted.keySet().removeAll(next.running().keySet());
        wanted = next;
        follows = !next.running().isEmpty();
        if (missing(next) || !parted.isEmpty()) {
            wake(Duration.ZERO);
        } else if (follows) {
            wake(pause());
        }
    }

    private boolean missing(StoreRequest asked) {
        return !view.fingerprints().keySet().containsAll(asked.sources().keySet())
                || asked.looks().stream().anyMatch(look -> !seen(look))
                || (asked.report().isPresent() && view.reportUri().isEmpty());
    }

    private boolean seen(ManifestQuery look) {
        ManifestObservation seen = view.seen().get(look.key());
        return seen != null && seen.mark().equals(look.mark());
    }

    synchronized boolean fresh(Iterable<String> keys) {
        Map<String, ManifestObservation> seen = new HashMap<>(view.seen());
        Instant oldest = clock.instant().minus(FRESH);
        for (String key : keys) {
            if (lookedAt.getOrDefault(key, Instant.MIN).isBefore(oldest)) {
                seen.remove(key);
            }
        }
        boolean fresh = seen.size() == view.seen().size();
        view = new StoreSnapshot(view.fingerprints(), seen, view.progress(), view.problem(), view.reportUri());
        return fresh;
    }

    synchronized void close() {
        closed = true;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /** Spread, so that experiments that were started together do not look together for ever. */
    private Duration pause() {
        long millis = interval.get().toMillis();
        return Duration.ofMillis((long) (millis * ThreadLocalRandom.current().nextDouble(0.9, 1.1)));
    }

    private synchronized void wake(Duration delay) {
        if (closed) {
            return;
        }
        if (looking) {
            again |= delay.isZero();
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
            timer = threads.schedule(this::run, delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the operator stops", e);
        }
    }

    private void run() {
        StoreRequest todo;
        StoreSnapshotBuilder sight;
        Set<String> parting;
        synchronized (this) {
            if (looking) {
                // Its timer was replaced when it had gone off already.
                again = true;
                return;
            }
            timer = null;
            if (closed || wanted == null) {
                return;
            }
            looking = true;
            again = false;
            parting = Set.copyOf(parted.keySet());
            todo = wanted.following(parted);
            sight = new StoreSnapshotBuilder(view);
        }
        Duration next = Duration.ZERO;
        try {
            next = looks.look(todo, sight);
        } catch (RuntimeException e) {
            LOG.error("look failed", e);
            next = interval.get();
        } finally {
            // What parts during the look may have been read too early.
            sight.followed.retainAll(parting);
            end(sight, next);
        }
    }

    private void end(StoreSnapshotBuilder sight, Duration next) {
        boolean changed;
        synchronized (this) {
            looking = false;
            StoreSnapshot seen = sight.view();
            changed = !closed && !seen.equals(view);
            view = seen;
            lookedAt.putAll(sight.lookedAt);
            parted.keySet().removeAll(sight.followed);
            if (again) {
                wake(Duration.ZERO);
            } else if (!next.isZero()) {
                wake(next.plusMillis(1));
            } else if (follows) {
                wake(pause());
            }
        }
        if (changed) {
            news.run();
        }
    }
}
