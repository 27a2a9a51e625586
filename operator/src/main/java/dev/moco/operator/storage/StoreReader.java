package dev.moco.operator.storage;

import dev.moco.artifacts.ArtifactStatus;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Progress;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.operator.metrics.OperatorMetrics;
import dev.moco.operator.observe.ManifestQuery;
import dev.moco.operator.observe.StoreSnapshot.ManifestObservation;
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

/** Reads a store for one experiment; not thread-safe. */
final class StoreReader {
    private static final Logger LOG = LoggerFactory.getLogger(StoreReader.class);

    private final String namespace;
    private final SharedStore store;
    private final BackgroundStoreTasks backgroundTasks;
    private final OperatorMetrics metrics;
    private final Clock clock;
    private final Runnable wake;
    private final Backoff sourceBackoff = new Backoff();
    private final Map<String, CompletableFuture<String>> listings = new HashMap<>();
    private @Nullable CompletableFuture<String> report;

    /** {@code wake} requests another read after a background task has ended. */
    StoreReader(
            String namespace,
            SharedStore store,
            BackgroundStoreTasks backgroundTasks,
            OperatorMetrics metrics,
            Clock clock,
            Runnable wake) {
        this.namespace = namespace;
        this.store = store;
        this.backgroundTasks = backgroundTasks;
        this.metrics = metrics;
        this.clock = clock;
        this.wake = wake;
    }

    /** Reads what is requested; returns the time until a read is due without a wake-up, or zero. */
    Duration read(StoreRequest request, StoreSnapshotBuilder snapshot) {
        Duration wait = store.backoff().remaining(clock.instant());
        if (!wait.isZero()) {
            snapshot.problem = problem();
            return wait;
        }
        try {
            listSources(request, snapshot);
            readManifests(request, snapshot);
            readProgress(request, snapshot);
            writeReport(request, snapshot);
            store.succeeded();
            snapshot.problem = problem();
            return sourceBackoff.remaining(clock.instant());
        } catch (StageFailure | IOException | UncheckedIOException e) {
            store.failed(e);
            snapshot.problem = problem();
            return store.backoff().remaining(clock.instant());
        }
    }

    private Optional<String> problem() {
        return store.backoff().problem().or(sourceBackoff::problem);
    }

    /** Raw data may lie outside the store, so a failed listing is not a problem of the store. */
    private void listSources(StoreRequest request, StoreSnapshotBuilder snapshot) {
        for (Map.Entry<String, String> source : request.sources().entrySet()) {
            String task = source.getKey();
            boolean backingOff = !sourceBackoff.remaining(clock.instant()).isZero();
            if (snapshot.fingerprints.containsKey(task) || backingOff) {
                continue;
            }
            CompletableFuture<String> listing = listings.computeIfAbsent(
                    task,
                    unused -> wakeAfter(
                            backgroundTasks.fingerprint(namespace, request.login(), source.getValue(), store)));
            if (!listing.isDone()) {
                continue;
            }
            listings.remove(task);
            try {
                snapshot.fingerprints.put(task, listing.join());
                sourceBackoff.succeeded();
            } catch (CompletionException e) {
                String problem = String.valueOf(cause(e).getMessage());
                metrics.storeFailed("fingerprint");
                LOG.warn("source={} cannot be listed: {}", source.getValue(), problem);
                sourceBackoff.failed(problem, clock.instant());
            }
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // waking a poller has no result
    private CompletableFuture<String> wakeAfter(CompletableFuture<String> task) {
        task.whenComplete((result, failure) -> wake.run());
        return task;
    }

    private static Throwable cause(CompletionException e) {
        return e.getCause() == null ? e : e.getCause();
    }

    private void readManifests(StoreRequest request, StoreSnapshotBuilder snapshot) throws IOException {
        for (ManifestQuery query : request.queries()) {
            ManifestObservation before = snapshot.observations.get(query.key());
            if (before != null && before.version().equals(query.version())) {
                continue;
            }
            ArtifactStatus found = metrics.timed("manifest", () -> store.status(query.stage(), query.key()));
            snapshot.observations.put(query.key(), observation(query, found));
            snapshot.readAt.put(query.key(), clock.instant());
        }
    }

    private static ManifestObservation observation(ManifestQuery query, ArtifactStatus found) {
        if (found instanceof ArtifactStatus.Intact intact) {
            return new ManifestObservation(query.version(), Optional.of(intact.manifest()), Optional.empty());
        } else if (found instanceof ArtifactStatus.Damaged damage) {
            return new ManifestObservation(query.version(), Optional.empty(), Optional.of(damage.reason()));
        }
        return new ManifestObservation(query.version(), Optional.empty(), Optional.empty());
    }

    private void readProgress(StoreRequest request, StoreSnapshotBuilder snapshot) throws IOException {
        for (Map.Entry<String, Stage> stage : request.running().entrySet()) {
            Optional<Progress> newest =
                    metrics.timed("progress", () -> store.artifacts().progress(stage.getValue(), stage.getKey()));
            snapshot.progressRead(stage.getKey(), newest.orElse(null), clock.instant());
        }
    }

    private void writeReport(StoreRequest request, StoreSnapshotBuilder snapshot) throws IOException {
        if (request.report().isEmpty() || snapshot.reportUri.isPresent()) {
            return;
        }
        CompletableFuture<String> writing = report;
        if (writing == null) {
            StoreRequest.Report ordered = request.report().get();
            writing = wakeAfter(backgroundTasks.report(
                    namespace,
                    () -> metrics.timed("report", () -> ReportUpload.upload(store.artifactsForReport(), ordered))));
            report = writing;
        }
        if (writing.isDone()) {
            report = null;
            snapshot.reportUri = Optional.of(written(writing));
        }
    }

    /** URI of the report; empty if it cannot be written. */
    private static String written(CompletableFuture<String> writing) throws IOException {
        try {
            return writing.join();
        } catch (CompletionException e) {
            if (cause(e) instanceof IOException failed) {
                throw failed;
            } else if (cause(e) instanceof StageFailure known && known.exitCode() == ExitCode.FAULT) {
                throw known;
            }
            // The results are committed; a report that cannot be written does not hold them back.
            LOG.warn("no report: {}", cause(e).getMessage());
            return "";
        }
    }
}
