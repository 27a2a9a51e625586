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

/** What one look adds to a view; used by one thread. */
final class StoreSnapshotBuilder {
    final Map<String, String> fingerprints;
    final Map<String, ManifestObservation> seen;
    final Map<String, Progress> progress;
    final Map<String, Instant> lookedAt = new HashMap<>();
    /** Keys of stages whose progress was read. */
    final Set<String> followed = new HashSet<>();

    Optional<String> problem;
    Optional<String> reportUri;

    StoreSnapshotBuilder(StoreSnapshot before) {
        fingerprints = new HashMap<>(before.fingerprints());
        seen = new HashMap<>(before.seen());
        progress = new HashMap<>(before.progress());
        problem = before.problem();
        reportUri = before.reportUri();
    }

    StoreSnapshot view() {
        return new StoreSnapshot(fingerprints, seen, progress, problem, reportUri);
    }
}
