package dev.moco.operator.client;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import dev.moco.operator.local.LocalObservations;
import dev.moco.operator.local.RunRecords;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.spec.ExperimentReader;
import dev.moco.operator.spec.Reading;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Experiments of a cluster that use one store. */
public final class ClusterExperiments implements StoredExperiments {
    private final ClusterClient cluster;
    private final StoreOf place;
    private final ClusterStore store;
    private final List<Known> known;
    private final Map<String, String> unreadable;

    private record Known(ExperimentView view, Reading reading) {}

    private ClusterExperiments(
            ClusterClient cluster, StoreOf place, List<Known> known, Map<String, String> unreadable) {
        this.cluster = cluster;
        this.place = place;
        this.store = ClusterStore.open(cluster, place);
        this.known = known;
        this.unreadable = unreadable;
    }

    /**
     * Opens the store of a namespace: the named one, or that of its first experiment. Experiments with another store are left out,
     * as they are not in it.
     *
     * @param everywhere true takes the experiments of all namespaces
     * @throws StageFailure bad configuration, if the namespace has none, so that no store is known
     */
    public static ClusterExperiments open(Target target, boolean everywhere, StoreChoice choice) {
        ClusterClient cluster = ClusterClient.open(target);
        try {
            List<ExperimentView> own = cluster.experiments(false, null);
            StoreOf place = place(cluster, own, choice);
            List<Known> known = new ArrayList<>();
            Map<String, String> unreadable = new HashMap<>();
            for (ExperimentView view : everywhere ? cluster.experiments(true, null) : own) {
                try {
                    Reading reading = ExperimentReader.read(view.tree(), Optional.of(Path.of("/")));
                    if (mayUse(place, StoreOf.spec(reading).map(StoreOf::location))) {
                        known.add(new Known(view, reading));
                    }
                } catch (StageFailure e) {
                    String bucket = view.tree().at("/spec/storage/bucket").asText("");
                    if (bucket.isEmpty() || bucket.equals(place.location().bucket())) {
                        unreadable.put(view.namespace() + "/" + view.name(), String.valueOf(e.getMessage()));
                    }
                }
            }
            known.sort(Comparator.comparing((Known each) -> each.view().namespace())
                    .thenComparing(each -> each.view().name()));
            return new ClusterExperiments(cluster, place, known, unreadable);
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private static StoreOf place(ClusterClient cluster, List<ExperimentView> views, StoreChoice choice) {
        for (ExperimentView view : views) {
            Optional<Reading> reading = reading(view);
            if (reading.isPresent()) {
                return choice.of(cluster, reading.get(), view);
            }
        }
        throw StageFailure.badConfig("no experiment in namespace " + cluster.namespace() + " of " + cluster.place()
                + ", which would name its store; -n names another, --store without a cluster's options a bucket");
    }

    private static Optional<Reading> reading(ExperimentView view) {
        try {
            return Optional.of(ExperimentReader.read(view.tree(), Optional.of(Path.of("/"))));
        } catch (StageFailure e) {
            return Optional.empty(); // refused by the operator, too
        }
    }

    /** An experiment that names no store may use every one. */
    private static boolean mayUse(StoreOf place, Optional<StoreLocation> own) {
        return own.map(location -> sameObjects(place.location(), location)).orElse(true);
    }

    private static boolean sameObjects(StoreLocation one, StoreLocation other) {
        return one.bucket().equals(other.bucket()) && one.prefix().equals(other.prefix());
    }

    @Override
    public String place() {
        return store.objects().place();
    }

    @Override
    public ArtifactStore artifacts() {
        return store.artifacts();
    }

    @Override
    public String locate(String key) {
        return place.location().uri(key);
    }

    @Override
    public List<StoredExperiment> all() throws IOException {
        List<StoredExperiment> all = new ArrayList<>();
        for (Known each : known) {
            Decision decision = new LocalObservations(
                            each.reading().experiment(),
                            artifacts(),
                            RunRecords.fingerprints(each.view().tree()))
                    .decide(Instant.now());
            all.add(new StoredExperiment(each.view(), each.reading().experiment(), decision));
        }
        return all;
    }

    @Override
    public Map<String, String> unreadable() throws IOException {
        Map<String, String> all = new HashMap<>(records().all().unreadable());
        all.putAll(unreadable);
        return all;
    }

    @Override
    public void close() {
        store.close();
        cluster.close();
    }
}
