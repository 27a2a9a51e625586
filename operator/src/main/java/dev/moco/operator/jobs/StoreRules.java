package dev.moco.operator.jobs;

import dev.moco.contract.Experiment;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import dev.moco.contract.Task;
import dev.moco.operator.plan.Policy;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Stores that experiments may use (docs/kubernetes.md, Security).
 *
 * @param own the operator's store, for experiments that name none; empty: each has to name one
 * @param ownSecret Secret of an experiment's namespace with the credentials of {@code own}; empty leaves it to the
 *     identities of operator and pods
 * @param shared true if all namespaces have the same prefix of {@code own}; false if each has its own below it
 * @param endpoints servers that {@code spec.storage} may name: URLs, or {@code aws}; empty allows all
 * @param buckets buckets that the operator reads with its own identity besides {@code own}
 */
public record StoreRules(
        Optional<StoreLocation> own,
        Optional<String> ownSecret,
        boolean shared,
        List<String> endpoints,
        List<AllowedBucket> buckets) {
    /** No store of the operator's own; any other with a Secret. */
    public static final StoreRules NONE =
            new StoreRules(Optional.empty(), Optional.empty(), false, List.of(), List.of());

    private static final String AWS = "aws";
    private static final int SHOWN = 10;

    public StoreRules {
        buckets = List.copyOf(buckets);
        endpoints = endpoints.stream().map(StoreRules::checked).toList();
    }

    private static String checked(String endpoint) {
        if (!endpoint.matches(AWS + "|https?://[^/\\s,@?#]+/?")) {
            throw StageFailure.badConfig(
                    "--allow-endpoint must be http(s)://host[:port] or " + AWS + ", found \"" + endpoint + "\"");
        }
        return endpoint.replaceAll("/$", "");
    }

    /** The operator's store for a namespace: its own prefix, unless namespaces share one. */
    public Optional<StoreLocation> own(String namespace) {
        return own.map(store -> shared
                ? store
                : new StoreLocation(
                        store.bucket(),
                        store.prefix().isEmpty() ? namespace : store.prefix() + "/" + namespace,
                        store.endpoint(),
                        store.region(),
                        store.pathStyle(),
                        store.checksums()));
    }

    /**
     * Reason why an experiment may not use the stores that it names; empty if it may. With a Secret a store is read with the
     * namespace's credentials. Without one it is read with the operator's own identity, which may read more than the
     * namespace should see.
     */
    Optional<String> refusal(String namespace, Experiment experiment, Policy policy) {
        StoreLocation named = experiment.store();
        if (named == null) {
            return own.isEmpty()
                    ? Optional.of("spec.storage must be given: this operator has no store of its own (--store)")
                    : refusalOfData(namespace, experiment, own.get(), ownSecret.isPresent());
        }
        String uri = StoreAccess.uri(named);
        String endpoint = named.endpoint() == null ? AWS : named.endpoint().replaceAll("/$", "");
        boolean secret = policy.access().credentialsSecret().isPresent();
        if (!secret && !readsItself(namespace, uri)) {
            return Optional.of("spec.storage.credentialsSecret must be given: without it the operator would read " + uri
                    + " with its own identity; " + allowedItself());
        }
        if (secret && !endpoints.isEmpty() && !endpoints.contains(endpoint)) {
            return Optional.of(
                    "spec.storage.endpoint must be one that this operator allows (--allow-endpoint), found " + endpoint
                            + "; allowed are " + endpoints.stream().limit(SHOWN).collect(Collectors.joining(", ")));
        }
        return refusalOfData(namespace, experiment, named, secret);
    }

    /** Raw data in a bucket is read from the server of the store, with the same credentials. */
    private Optional<String> refusalOfData(
            String namespace, Experiment experiment, StoreLocation server, boolean secret) {
        if (secret) {
            return Optional.empty();
        }
        return experiment.tasks().stream()
                .map(Task::source)
                .flatMap(Optional::stream)
                .filter(StoreLocation::isBucket)
                .map(source -> rawData(source, server))
                .filter(uri -> !readsItself(namespace, uri))
                .findFirst()
                .map(uri -> "spec.data names " + uri + ", which the operator would read with its own identity; "
                        + allowedItself());
    }

    private static String rawData(String source, StoreLocation server) {
        StoreLocation at = StoreLocation.of("spec.data", source);
        return StoreAccess.uri(new StoreLocation(
                at.bucket(), at.prefix(), server.endpoint(), server.region(), server.pathStyle(), server.checksums()));
    }

    /** True if the operator may read a store for a namespace with its own identity. */
    private boolean readsItself(String namespace, String uri) {
        boolean isOwn = ownSecret.isEmpty()
                && own(namespace)
                        .filter(store -> AllowedBucket.isBelow(StoreAccess.uri(store), uri))
                        .isPresent();
        return isOwn || buckets.stream().anyMatch(bucket -> bucket.holds(namespace, uri));
    }

    private String allowedItself() {
        return "allowed are the operator's own store"
                + buckets.stream()
                        .limit(SHOWN)
                        .map(bucket -> ", " + bucket.url())
                        .collect(Collectors.joining())
                + " (--allow-bucket)";
    }
}
