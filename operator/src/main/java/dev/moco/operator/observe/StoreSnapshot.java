package dev.moco.operator.observe;

import dev.moco.contract.Manifest;
import dev.moco.contract.Progress;
import java.util.Map;
import java.util.Optional;

/**
 * Snapshot of the store, taken by the threads that poll it.
 *
 * @param fingerprints fingerprints of the raw data listed so far, by the task that prepares it; those in the
 *     status need no new listing
 * @param observations newest answered query of each key
 * @param progress newest progress of each task that runs or ran, by key
 * @param problem reason why the store cannot be reached; empty if it can
 * @param reportUri place of the ended experiment's report; empty text if none may be written
 */
public record StoreSnapshot(
        Map<String, String> fingerprints,
        Map<String, ManifestObservation> observations,
        Map<String, Progress> progress,
        Optional<String> problem,
        Optional<String> reportUri) {
    /** Snapshot before any query. */
    public static final StoreSnapshot EMPTY =
            new StoreSnapshot(Map.of(), Map.of(), Map.of(), Optional.empty(), Optional.empty());

    public StoreSnapshot {
        fingerprints = Map.copyOf(fingerprints);
        observations = Map.copyOf(observations);
        progress = Map.copyOf(progress);
    }

    /** This snapshot with other observations. */
    public StoreSnapshot withObservations(Map<String, ManifestObservation> newObservations) {
        return new StoreSnapshot(fingerprints, newObservations, progress, problem, reportUri);
    }

    /**
     * Outcome of a {@link ManifestQuery}.
     *
     * @param version that of the query
     * @param manifest the commit, verified; empty if there is none or it is damaged
     * @param damage the fault of a damaged commit
     */
    public record ManifestObservation(String version, Optional<Manifest> manifest, Optional<String> damage) {}
}
