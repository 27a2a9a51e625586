package dev.moco.operator.client;

import dev.moco.artifacts.ObjectStore.StoredObject;
import dev.moco.artifacts.StageObjects;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.Manifest;
import dev.moco.contract.StageFailure;
import dev.moco.operator.gc.Garbage;
import dev.moco.operator.gc.Needed;
import dev.moco.operator.local.LocalObservations;
import dev.moco.operator.local.RawDataListing;
import dev.moco.operator.local.RunRecords;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.report.TextTable;
import dev.moco.operator.spec.ExperimentFiles.Source;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Stages of a store, and which experiments need each.
 *
 * @param stages stages with what of each may be deleted
 * @param foreign objects among them whose names no stage makes; they are never deleted
 * @param experiments names of the experiments
 */
public record StoreUse(List<Garbage> stages, List<StoredObject> foreign, Set<String> experiments) {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};
    private static final int KEY_DIGITS = 12;

    public StoreUse {
        stages = List.copyOf(stages);
        foreign = List.copyOf(foreign);
        experiments = Set.copyOf(experiments);
    }

    /**
     * Lists a store.
     *
     * @param files further experiments that use it
     * @param without names of experiments that count as deleted
     * @param before time; what was changed then or later may still be written
     */
    public static StoreUse of(StoredExperiments store, List<Source> files, Set<String> without, Instant before)
            throws IOException {
        // The listing comes first: what is committed meanwhile is not in it.
        StageObjects.StoredStages listing = StageObjects.list(store.artifacts().objects());
        Map<String, Decision> decisions = new TreeMap<>();
        for (StoredExperiment each : store.all()) {
            if (!without.contains(each.name())) {
                String namespace = each.view().namespace();
                decisions.put((namespace.isEmpty() ? "" : namespace + "/") + each.name(), each.decision());
            }
        }
        if (store instanceof ClusterExperiments) {
            // Machines may use the store of a cluster, too.
            for (RunRecords.Recorded each : store.records().all().recorded()) {
                decisions.put(
                        each.name() + " (moco run)",
                        new LocalObservations(each.reading().experiment(), store.artifacts(), each.fingerprints())
                                .decide(Instant.now()));
            }
        }
        RawDataListing raw = new RawDataListing();
        for (Source file : files) {
            decisions.put(file.experiment().name() + " (" + file.file() + ")", decide(file.experiment(), store, raw));
        }
        Map<String, Manifest> manifests = new HashMap<>();
        for (StageObjects each : listing.stages()) {
            if (each.isCommitted()) {
                manifest(each, store).ifPresent(manifest -> manifests.put(each.prefix(), manifest));
            }
        }
        return new StoreUse(
                Garbage.of(listing.stages(), manifests, Needed.of(decisions), before),
                listing.foreign(),
                decisions.keySet());
    }

    /** Raw data that cannot be listed here has no fingerprint: then every state of it counts as needed. */
    private static Decision decide(Experiment experiment, StoredExperiments store, RawDataListing raw)
            throws IOException {
        Map<String, String> fingerprints;
        try {
            fingerprints = raw.of(experiment, null);
        } catch (StageFailure e) {
            fingerprints = Map.of();
        }
        return new LocalObservations(experiment, store.artifacts(), fingerprints).decide(Instant.now());
    }

    private static Optional<Manifest> manifest(StageObjects stage, StoredExperiments store) throws IOException {
        try {
            return store.artifacts().manifest(stage.stage(), stage.key());
        } catch (StageFailure e) {
            if (e.exitCode() != ExitCode.BAD_DATA) {
                throw e;
            }
            return Optional.empty(); // damaged, or of another version
        }
    }

    /** Stages of which something may be deleted. */
    public List<Garbage> garbage() {
        return stages.stream().filter(stage -> !stage.objects().isEmpty()).toList();
    }

    /** A line for each stage, with its total size and who needs it. */
    public List<String> usage(Instant now) {
        List<List<String>> rows = new ArrayList<>();
        for (Garbage each : stages) {
            StageObjects found = each.found();
            rows.add(List.of(
                    found.stage().id(),
                    found.key().substring(0, KEY_DIGITS),
                    size(found.bytes()),
                    found.checkpointBytes() == 0 ? "" : size(found.checkpointBytes()),
                    found.isCommitted() ? "committed" : "unfinished",
                    age(found, now),
                    each.neededBy().isEmpty() ? "no experiment" : String.join(", ", each.neededBy())));
        }
        return rows.isEmpty()
                ? List.of()
                : new TextTable(List.of("STAGE", "KEY", "SIZE", "CHECKPOINTS", "STATE", "CHANGED", "NEEDED BY"), rows)
                        .lines();
    }

    /** A line for each stage of which something may be deleted, with what that is. */
    public List<String> garbageLines(Instant now) {
        List<List<String>> rows = new ArrayList<>();
        for (Garbage each : garbage()) {
            rows.add(List.of(
                    each.found().stage().id(),
                    each.found().key().substring(0, KEY_DIGITS),
                    size(each.bytes()),
                    Integer.toString(each.objects().size()),
                    age(each.found(), now),
                    each.reason()));
        }
        return rows.isEmpty()
                ? List.of()
                : new TextTable(List.of("STAGE", "KEY", "SIZE", "OBJECTS", "CHANGED", "WHY"), rows).lines();
    }

    private static String age(StageObjects stage, Instant now) {
        return stage.changed().equals(Instant.MAX) ? "?" : Age.of(Duration.between(stage.changed(), now)) + " ago";
    }

    /** Bytes as text, with one decimal from 1 KiB on. */
    public static String size(long bytes) {
        double amount = bytes;
        int unit = 0;
        while (amount >= 1024 && unit < UNITS.length - 1) {
            amount /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", amount, UNITS[unit]);
    }
}
