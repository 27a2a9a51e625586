package dev.moco.operator.client;

import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import dev.moco.operator.spec.Reading;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Options of a user about the store, and the defaults.
 *
 * @param uri {@code s3://bucket/prefix}; null for the experiment's or the operator's
 * @param endpoint URL of its server from here, if it differs from the URL within the cluster; null if it is the same
 */
public record StoreChoice(@Nullable String uri, @Nullable String endpoint) {
    private static final String OPERATORS_NAMESPACE = "moco-system";
    private static final String OPERATORS_STORE = "moco-operator-store";

    /**
     * The store of an experiment.
     *
     * @param experiment the resource; null before it is applied
     * @throws StageFailure bad configuration if no object that this user may read names one
     */
    StoreOf of(ClusterClient cluster, Reading reading, @Nullable ExperimentView experiment) {
        Optional<StoreOf> found = StoreOf.spec(reading)
                .or(() -> experiment == null
                        ? Optional.empty()
                        : StoreOf.pods(cluster.podsOfExperiment(experiment.name())))
                .or(() -> cluster.configMap(OPERATORS_NAMESPACE, OPERATORS_STORE)
                        .flatMap(variables -> StoreOf.operator(variables, cluster.namespace())))
                .or(() -> experiment == null
                        ? Optional.empty()
                        : StoreOf.uri(experiment)
                                .map(place ->
                                        new StoreOf(StoreLocation.of("status.reportUri", place), Optional.empty())));
        if (uri != null) {
            StoreLocation named = StoreLocation.of("--store", uri);
            return withEndpoint(new StoreOf(
                    found.map(StoreOf::location)
                            .map(same -> new StoreLocation(
                                    named.bucket(),
                                    named.prefix(),
                                    same.endpoint(),
                                    same.region(),
                                    same.pathStyle(),
                                    same.checksums()))
                            .orElse(named),
                    found.flatMap(StoreOf::secret)));
        }
        return withEndpoint(found.orElseThrow(
                () -> StageFailure.badConfig(reading.experiment().name()
                        + " names no spec.storage, and the operator's default is not known here: name it with --store"
                        + " s3://bucket/prefix")));
    }

    private StoreOf withEndpoint(StoreOf store) {
        if (endpoint == null) {
            return store;
        }
        StoreLocation location = store.location();
        return new StoreOf(
                new StoreLocation(
                        location.bucket(), location.prefix(), endpoint, location.region(), true, location.checksums()),
                store.secret());
    }
}
