package dev.moco.operator.storage;

import dev.moco.contract.Progress;
import dev.moco.operator.observe.StoreSnapshot;
import dev.moco.operator.observe.StoreSnapshot.ManifestObservation;
import dev.moco.operator.observe.StoreSnapshot.ProgressReads;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A snapshot that one read adds to; not thread-safe. */
final class StoreSnapshotBuilder {
    final Map<String, String> fingerprints;
    final Map<String, ManifestObservation> observations;
    final Map<String, Progress> progress;
    final Map<String, Instant> readAt = new HashMap<>();
    /** Keys of stages whose progress was read. */
    final Set<String> polled = new HashSet<>();

    private final Map<String, ProgressReads> reads;

    Optional<String> problem;
    Optional<String> reportUri;

    StoreSnapshotBuilder(StoreSnapshot before) {
        fingerprints = new HashMap<>(before.fingerprints());
        observations = new HashMap<>(before.observations());
        progress = new HashMap<>(before.progress());
        reads = new HashMap<>(before.reads());
        problem = before.problem();
        reportUri = before.reportUri();
    }

    /** Adds a read of a stage's progress, which found none if null. */
    void progressRead(String key, @Nullable Progress newest, Instant now) {
        if (newest != null) {
            progress.put(key, newest);
        }
        reads.merge(key, new ProgressReads(now, now), (before, read) -> new ProgressReads(before.since(), read.last()));
        polled.add(key);
    }

    StoreSnapshot build() {
        // After a problem the stages need time to report again.
        return new StoreSnapshot(
                fingerprints, observations, progress, problem.isPresent() ? Map.of() : reads, problem, reportUri);
    }
}
