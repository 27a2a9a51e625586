package dev.moco.operator.reconcile;

import dev.moco.artifacts.ArtifactStatus;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Progress;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.operator.jobs.Look;
import dev.moco.operator.jobs.StoreView.Seen;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at a store for one experiment; whoever calls does so from one thread at a time. */
final class StoreLooks {
    private static final Logger LOG = LoggerFactory.getLogger(StoreLooks.class);

    /** By then a turn has come, unless whoever was to pass it on is gone. */
    private static final Duration TURN = Duration.ofSeconds(5);

    private final SharedStore store;
    private final SlowLooks slow;
    private final OperatorMetrics metrics;
    private final Clock clock;
    private final Runnable wake;
    private final Backoff sources = new Backoff();
    private final Map<String, CompletableFuture<String>> listings = new HashMap<>();
    private @Nullable CompletableFuture<String> report;

    /** {@code wake} asks for another look, once something slow has ended or it is this one's turn. */
    StoreLooks(SharedStore store, SlowLooks slow, OperatorMetrics metrics, Clock clock, Runnable wake) {
        this.store = store;
        this.slow = slow;
        this.metrics = metrics;
        this.clock = clock;
        this.wake = wake;
    }

    /** Looks at what is wanted; returns when to look again whatever happens, or zero. */
    Duration look(Wanted wanted, Sight sight) {
        Duration wait = store.backoff().left(clock.instant());
        if (!wait.isZero()) {
            sight.problem = problem();
            return wait;
        }
        if (!store.enter(wake)) {
            return TURN;
        }
        try {
            list(wanted, sight);
            lookAtKeys(wanted, sight);
            follow(wanted, sight);
            write(wanted, sight);
            store.succeeded();
            sight.problem = problem();
            return sources.left(clock.instant());
        } catch (StageFailure | IOException | UncheckedIOException e) {
            store.failed(e);
            sight.problem = problem();
            return store.backoff().left(clock.instant());
        } finally {
            store.leave();
        }
    }

    private Optional<String> problem() {
        return store.backoff().problem().or(sources::problem);
    }

    /** Raw data may be elsewhere than the store: that it cannot be listed is no problem of the store. */
    private void list(Wanted wanted, Sight sight) {
        for (Map.Entry<String, String> source : wanted.sources().entrySet()) {
            String task = source.getKey();
            boolean waits = !sources.left(clock.instant()).isZero();
            if (sight.fingerprints.containsKey(task) || waits) {
                continue;
            }
            CompletableFuture<String> listing = listings.computeIfAbsent(
                    task, unused -> begun(slow.fingerprint(wanted.login(), source.getValue(), store)));
            if (!listing.isDone()) {
                continue;
            }
            listings.remove(task);
            try {
                sight.fingerprints.put(task, listing.join());
                sources.succeeded();
            } catch (CompletionException e) {
                String what = String.valueOf(cause(e).getMessage());
                metrics.storeFailed("fingerprint");
                LOG.warn("source={} cannot be listed: {}", source.getValue(), what);
                sources.failed(what, clock.instant());
            }
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // waking has no result
    private CompletableFuture<String> begun(CompletableFuture<String> slowly) {
        slowly.whenComplete((result, failure) -> wake.run());
        return slowly;
    }

    private static Throwable cause(CompletionException e) {
        return e.getCause() == null ? e : e.getCause();
    }

    private void lookAtKeys(Wanted wanted, Sight sight) throws IOException {
        for (Look look : wanted.looks()) {
            Seen before = sight.seen.get(look.key());
            if (before != null && before.mark().equals(look.mark())) {
                continue;
            }
            ArtifactStatus found = metrics.timed("manifest", () -> store.look(look.stage(), look.key()));
            sight.seen.put(look.key(), seen(look, found));
            sight.lookedAt.put(look.key(), clock.instant());
        }
    }

    private static Seen seen(Look look, ArtifactStatus found) {
        if (found instanceof ArtifactStatus.Intact intact) {
            return new Seen(look.mark(), Optional.of(intact.manifest()), Optional.empty());
        } else if (found instanceof ArtifactStatus.Damaged damage) {
            return new Seen(look.mark(), Optional.empty(), Optional.of(damage.reason()));
        }
        return new Seen(look.mark(), Optional.empty(), Optional.empty());
    }

    private void follow(Wanted wanted, Sight sight) throws IOException {
        for (Map.Entry<String, Stage> stage : wanted.running().entrySet()) {
            Optional<Progress> newest =
                    metrics.timed("progress", () -> store.artifacts().progress(stage.getValue(), stage.getKey()));
            newest.ifPresent(progress -> sight.progress.put(stage.getKey(), progress));
            sight.followed.add(stage.getKey());
        }
    }

    private void write(Wanted wanted, Sight sight) throws IOException {
        if (wanted.report().isEmpty() || sight.reportUri.isPresent()) {
            return;
        }
        CompletableFuture<String> writing = report;
        if (writing == null) {
            Wanted.Report ordered = wanted.report().get();
            writing = begun(slow.report(
                    () -> metrics.timed("report", () -> ReportUpload.upload(store.artifacts(), ordered))));
            report = writing;
        }
        if (writing.isDone()) {
            report = null;
            sight.reportUri = Optional.of(written(writing));
        }
    }

    /** Where it is; the empty text where it may not be written. */
    private static String written(CompletableFuture<String> writing) throws IOException {
        try {
            return writing.join();
        } catch (CompletionException e) {
            if (cause(e) instanceof IOException failed) {
                throw failed;
            } else if (cause(e) instanceof StageFailure known && known.exitCode() == ExitCode.FAULT) {
                throw known;
            }
            // The results are there: what may not be written, or is damaged by now, does not keep them back.
            LOG.warn("no report: {}", cause(e).getMessage());
            return "";
        }
    }
}
