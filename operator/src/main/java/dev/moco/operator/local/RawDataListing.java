package dev.moco.operator.local;

import dev.moco.artifacts.SourceTree;
import dev.moco.contract.Experiment;
import dev.moco.contract.Progress;
import dev.moco.contract.StoreLocation;
import dev.moco.contract.Task;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Fingerprints of what experiments read from outside the store. Each source is listed once. */
public final class RawDataListing {
    private final Map<String, String> known = new HashMap<>();

    /** Fingerprints of an experiment's sources, by the task that reads each. */
    public Map<String, String> of(Experiment experiment, @Nullable StoreLocation location) throws IOException {
        return of(experiment, location, (task, progress) -> {});
    }

    /**
     * Fingerprints of an experiment's sources, by the task that reads each. Many files take a while.
     *
     * @param location endpoint and region of sources in buckets
     * @param listing receives the progress of a listing, by the task that reads the source
     */
    public Map<String, String> of(
            Experiment experiment, @Nullable StoreLocation location, BiConsumer<String, Progress> listing)
            throws IOException {
        Map<String, String> fingerprints = new HashMap<>();
        for (Task task : experiment.tasks()) {
            if (task.source().isPresent()) {
                String source = task.source().get();
                String fingerprint = known.get(source);
                if (fingerprint == null) {
                    try (SourceTree tree = SourceTree.open(source, location)) {
                        fingerprint = tree.fingerprint(
                                ChronoUnit.FOREVER.getDuration(),
                                files -> listing.accept(task.name(), progress(files)));
                    }
                    known.put(source, fingerprint);
                }
                fingerprints.put(task.name(), fingerprint);
            }
        }
        return fingerprints;
    }

    private static Progress progress(long files) {
        return new Progress("listing", 0, 1, files, 0, null, null, null, null, null, null, null, 0, Instant.now());
    }
}
