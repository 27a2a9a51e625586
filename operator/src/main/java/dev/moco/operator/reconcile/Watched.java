package dev.moco.operator.reconcile;

import dev.moco.artifacts.Found;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Progress;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.operator.jobs.Look;
import dev.moco.operator.jobs.StoreView;
import dev.moco.operator.jobs.StoreView.Seen;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One experiment's looks at its store: one at a time, and what they have seen. */
final class Watched {
    private static final Logger LOG = LoggerFactory.getLogger(Watched.class);
    private static final Duration BUSY = Duration.ofMillis(100);
    /** Older looks start no stage: somebody may have committed meanwhile. */
    private static final Duration FRESH = Duration.ofSeconds(60);

    private final String uid;
    private final StoreLogin login;
    private final Stores stores;
    private final SharedStore store;
    private final Listings listings;
    private final ScheduledExecutorService threads;
    private final OperatorMetrics metrics;
    private final Clock clock;
    private final Supplier<Duration> interval;
    private final Runnable news;
    private final Runnable recovered = () -> wake(Duration.ZERO);
    private final Backoff sources = new Backoff();
    private final Map<String, Instant> lookedAt = new HashMap<>();
    /** Used by the one look that is on. */
    private final Map<String, CompletableFuture<String>> pending = new HashMap<>();

    private @Nullable Wanted wanted;
    private StoreView view = StoreView.EMPTY;
    private @Nullable Future<?> timer;
    private Instant due = Instant.MAX;
    private volatile boolean follows;
    private boolean looking;
    private boolean again;
    private boolean closed;

    Watched(
            String uid,
            StoreLogin login,
            Stores stores,
            Listings listings,
            ScheduledExecutorService threads,
            OperatorMetrics metrics,
            Clock clock,
            Supplier<Duration> interval,
            Runnable news) {
        this.uid = uid;
        this.login = login;
        this.stores = stores;
        this.store = stores.acquire(login);
        this.listings = listings;
        this.threads = threads;
        this.metrics = metrics;
        this.clock = clock;
        this.interval = interval;
        this.news = news;
        store.onRecovery(recovered);
    }

    String uid() {
        return uid;
    }

    StoreLogin login() {
        return login;
    }

    synchronized StoreView view() {
        return view;
    }

    /** Without the lock, which others hold while they ask all. */
    boolean follows() {
        return follows;
    }

    synchronized void want(Wanted next) {
        wanted = next;
        follows = !next.running().isEmpty();
        if (missing(next, view)) {
            wake(Duration.ZERO);
        } else if (!next.running().isEmpty()) {
            wake(pause());
        }
    }

    synchronized boolean fresh(Iterable<String> keys) {
        boolean fresh = true;
        Instant oldest = clock.instant().minus(FRESH);
        for (String key : keys) {
            if (lookedAt.getOrDefault(key, Instant.MIN).isBefore(oldest)) {
                fresh = false;
                Map<String, Seen> seen = new HashMap<>(view.seen());
                seen.remove(key);
                view = new StoreView(view.fingerprints(), seen, view.progress(), view.problem(), view.reportUri());
            }
        }
        return fresh;
    }

    synchronized void close() {
        if (!closed) {
            closed = true;
            if (timer != null) {
                timer.cancel(false);
            }
            store.forget(recovered);
            stores.release(login);
        }
    }

    private static boolean missing(Wanted wanted, StoreView view) {
        return !view.fingerprints().keySet().containsAll(wanted.sources().keySet())
                || wanted.looks().stream().anyMatch(look -> !seen(view, look))
                || (wanted.report().isPresent() && view.reportUri().isEmpty());
    }

    private static boolean seen(StoreView view, Look look) {
        Seen seen = view.seen().get(look.key());
        return seen != null && seen.mark().equals(look.mark());
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
        Wanted todo;
        StoreView before;
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
            todo = wanted;
            before = view;
        }
        Sight sight = new Sight(before);
        Duration next = Duration.ZERO;
        try {
            next = look(todo, sight);
        } catch (RuntimeException e) {
            LOG.error("look failed", e);
            next = interval.get();
        } finally {
            end(todo, sight, next);
        }
    }

    private void end(Wanted todo, Sight sight, Duration next) {
        boolean changed;
        synchronized (this) {
            looking = false;
            StoreView seen = sight.view();
            changed = !seen.equals(view);
            view = seen;
            lookedAt.putAll(sight.lookedAt);
            Wanted newest = wanted == null ? todo : wanted;
            if (again) {
                wake(Duration.ZERO);
            } else if (!next.isZero()) {
                wake(next);
            } else if (!newest.running().isEmpty()) {
                wake(pause());
            }
        }
        if (changed) {
            news.run();
        }
    }

    /** Looks; returns when to look again whatever happens, or zero. */
    private Duration look(Wanted todo, Sight sight) {
        Instant now = clock.instant();
        Duration wait = store.backoff().left(now);
        if (!wait.isZero()) {
            sight.problem = problem();
            return wait;
        }
        if (!store.enter()) {
            return BUSY;
        }
        try {
            Duration listed = list(todo, sight);
            lookAtKeys(todo, sight);
            follow(todo, sight);
            write(todo, sight);
            store.succeeded();
            sight.problem = problem();
            return listed;
        } catch (StageFailure | IOException | UncheckedIOException e) {
            store.failed(e);
            sight.problem = problem();
            return store.backoff().left(clock.instant()).plusMillis(1);
        } finally {
            store.leave();
        }
    }

    private Optional<String> problem() {
        return store.backoff().problem().or(sources::problem);
    }

    /** Raw data may be elsewhere than the store: that it cannot be listed is no problem of the store. */
    private Duration list(Wanted todo, Sight sight) {
        for (Map.Entry<String, String> source : todo.sources().entrySet()) {
            String task = source.getKey();
            if (sight.fingerprints.containsKey(task)
                    || !sources.left(clock.instant()).isZero()) {
                continue;
            }
            CompletableFuture<String> listing = listing(task, source.getValue());
            if (!listing.isDone()) {
                continue;
            }
            pending.remove(task);
            try {
                sight.fingerprints.put(task, listing.join());
                sources.succeeded();
            } catch (CompletionException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                metrics.storeFailed("fingerprint");
                LOG.warn("source={} cannot be listed: {}", source.getValue(), cause.getMessage());
                sources.failed(String.valueOf(cause.getMessage()), clock.instant());
            }
        }
        return sources.left(clock.instant());
    }

    /** The listing that is on, or a new one; its end is looked at. */
    private CompletableFuture<String> listing(String task, String source) {
        CompletableFuture<String> known = pending.get(task);
        if (known != null) {
            return known;
        }
        CompletableFuture<String> begun = listings.fingerprint(login, source, store);
        pending.put(task, begun);
        begun.whenComplete((fingerprint, failure) -> wake(Duration.ZERO));
        return begun;
    }

    private void lookAtKeys(Wanted todo, Sight sight) throws IOException {
        for (Look look : todo.looks()) {
            Seen before = sight.seen.get(look.key());
            if (before != null && before.mark().equals(look.mark())) {
                continue;
            }
            Found found = metrics.timed("manifest", () -> store.look(look.stage(), look.key()));
            sight.seen.put(look.key(), seen(look, found));
            sight.lookedAt.put(look.key(), clock.instant());
        }
    }

    private static Seen seen(Look look, Found found) {
        if (found instanceof Found.Intact intact) {
            return new Seen(look.mark(), Optional.of(intact.manifest()), Optional.empty());
        } else if (found instanceof Found.Damaged damage) {
            return new Seen(look.mark(), Optional.empty(), Optional.of(damage.what()));
        }
        return new Seen(look.mark(), Optional.empty(), Optional.empty());
    }

    private void follow(Wanted todo, Sight sight) throws IOException {
        sight.progress.keySet().retainAll(todo.running().keySet());
        for (Map.Entry<String, Stage> stage : todo.running().entrySet()) {
            Optional<Progress> newest = metrics.timed(
                    "progress", () -> store.artifacts().progress(stage.getValue(), stage.getKey()));
            newest.ifPresent(progress -> sight.progress.put(stage.getKey(), progress));
        }
    }

    private void write(Wanted todo, Sight sight) throws IOException {
        if (todo.report().isEmpty() || sight.reportUri.isPresent()) {
            return;
        }
        Wanted.Report report = todo.report().get();
        try {
            sight.reportUri = Optional.of(
                    metrics.timed("report", () -> ReportUpload.upload(store.artifacts(), report)));
        } catch (StageFailure e) {
            if (e.exitCode() == ExitCode.FAULT) {
                throw e;
            }
            // The results are there: what may not be written, or is damaged by now, does not keep them back.
            LOG.warn("no report: {}", e.getMessage());
            sight.reportUri = Optional.of("");
        }
    }

    /** What one look changes. */
    private static final class Sight {
        private final Map<String, String> fingerprints;
        private final Map<String, Seen> seen;
        private final Map<String, Progress> progress;
        private final Map<String, Instant> lookedAt = new HashMap<>();
        private Optional<String> problem;
        private Optional<String> reportUri;

        private Sight(StoreView before) {
            fingerprints = new HashMap<>(before.fingerprints());
            seen = new HashMap<>(before.seen());
            progress = new HashMap<>(before.progress());
            problem = before.problem();
            reportUri = before.reportUri();
        }

        private StoreView view() {
            return new StoreView(fingerprints, seen, progress, problem, reportUri);
        }
    }
}
