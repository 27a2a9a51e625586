package dev.moco.operator.storage;

import dev.moco.contract.Progress;
import dev.moco.operator.observe.StoreSnapshot;
import dev.moco.operator.observe.StoreSnapshot.ManifestObservation;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A snapshot that one read adds to; not thread-safe. */
final class StoreSnapshotBuilder {
    final Map<String, String> fingerprints;
    final Map<String, ManifestObservation> observations;
    final Map<String, Progress> progress;
    final Map<String, Instant> readAt = new HashMap<>();
    /** Keys of stages whose progress was read. */
    final Set<String> polled = new HashSet<>();

    Optional<String> problem;
    Optional<String> reportUri;

    StoreSnapshotBuilder(StoreSnapshot before) {
        fingerprints = new HashMap<>(before.fingerprints());
        observations = new HashMap<>(before.observations());
        progress = new HashMap<>(before.progress());
        problem = before.problem();
        reportUri = before.reportUri();
    }

    StoreSnapshot build() {
        return new StoreSnapshot(fingerprints, observations, progress, problem, reportUri);
    }
}
