package dev.moco.operator.observe;

import dev.moco.contract.Manifest;
import dev.moco.contract.Progress;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Snapshot of the store, taken by the threads that poll it.
 *
 * @param fingerprints fingerprints of the raw data listed so far, by the task that prepares it; those in the
 *     status need no new listing
 * @param observations newest answered query of each key
 * @param progress newest progress of each task that runs or ran, by key
 * @param reads reads of the progress of each such task, by key; empty while the store has a problem
 * @param problem reason why the store cannot be reached; empty if it can
 * @param reportUri place of the ended experiment's report; empty text if none may be written
 */
public record StoreSnapshot(
        Map<String, String> fingerprints,
        Map<String, ManifestObservation> observations,
        Map<String, Progress> progress,
        Map<String, ProgressReads> reads,
        Optional<String> problem,
        Optional<String> reportUri) {
    /** Snapshot before any query. */
    public static final StoreSnapshot EMPTY =
            new StoreSnapshot(Map.of(), Map.of(), Map.of(), Map.of(), Optional.empty(), Optional.empty());

    public StoreSnapshot {
        fingerprints = Map.copyOf(fingerprints);
        observations = Map.copyOf(observations);
        progress = Map.copyOf(progress);
        reads = Map.copyOf(reads);
    }

    /** This snapshot with other observations. */
    public StoreSnapshot withObservations(Map<String, ManifestObservation> newObservations) {
        return new StoreSnapshot(fingerprints, newObservations, progress, reads, problem, reportUri);
    }

    /** True if two snapshots differ in more than the times of reads. */
    public boolean isNews(StoreSnapshot before) {
        return !equals(new StoreSnapshot(
                        before.fingerprints,
                        before.observations,
                        before.progress,
                        reads,
                        before.problem,
                        before.reportUri))
                || !reads.keySet().equals(before.reads.keySet());
    }

    /**
     * Reads of a task's progress by this process that succeeded, whether or not there was any progress.
     *
     * @param since time of the first of them: since the process began to read it, or since the last problem of the store
     * @param last time of the last
     */
    public record ProgressReads(Instant since, Instant last) {}

    /**
     * Outcome of a {@link ManifestQuery}.
     *
     * @param version that of the query
     * @param manifest the commit, verified; empty if there is none or it is damaged
     * @param damage the fault of a damaged commit
     */
    public record ManifestObservation(String version, Optional<Manifest> manifest, Optional<String> damage) {}
}
