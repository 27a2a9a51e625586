package dev.moco.operator.observe;

import dev.moco.contract.Manifest;
import dev.moco.contract.Progress;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of the store, by looks off the thread that decides.
 *
 * @param fingerprints of raw data listed so far, by the task that prepares it; those in the status need no new listing
 * @param seen newest look at each key
 * @param progress newest progress of stages that run, and the last of those that ran, by key
 * @param problem why the store cannot be reached, while it cannot
 * @param reportUri where the report of the ended experiment lies; the empty text where none may be written
 */
public record StoreSnapshot(
        Map<String, String> fingerprints,
        Map<String, ManifestObservation> seen,
        Map<String, Progress> progress,
        Optional<String> problem,
        Optional<String> reportUri) {
    /** Nothing is known yet. */
    public static final StoreSnapshot EMPTY =
            new StoreSnapshot(Map.of(), Map.of(), Map.of(), Optional.empty(), Optional.empty());

    public StoreSnapshot {
        fingerprints = Map.copyOf(fingerprints);
        seen = Map.copyOf(seen);
        progress = Map.copyOf(progress);
    }

    /**
     * Outcome of a {@link ManifestQuery}.
     *
     * @param mark that of the look
     * @param manifest the commit, verified; empty where there is none or it is damaged
     * @param damage what is wrong with it
     */
    public record ManifestObservation(String mark, Optional<Manifest> manifest, Optional<String> damage) {}
}
