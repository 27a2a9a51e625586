package dev.moco.operator.jobs;

import dev.moco.contract.Experiment;
import dev.moco.contract.StoreLocation;
import dev.moco.operator.plan.Policy;
import java.util.Optional;

/**
 * Store of an experiment's artifacts, with the credentials of its pods.
 *
 * @param location its own, or else the operator's
 * @param secret Secret with credentials; empty leaves it to the pod's identity
 */
public record StoreAccess(StoreLocation location, Optional<String> secret) {
    /** Returns the access of an experiment in a namespace; empty if there is a {@link #refusal}. */
    public static Optional<StoreAccess> of(
            String namespace, Experiment experiment, Policy policy, OperatorConfig config) {
        if (refusal(namespace, experiment, policy, config).isPresent()) {
            return Optional.empty();
        }
        StoreLocation named = experiment.store();
        Optional<String> secret = policy.access().credentialsSecret();
        return named != null
                ? Optional.of(new StoreAccess(named, secret))
                : config.stores()
                        .own(namespace)
                        .map(store -> new StoreAccess(store, secret.or(config.stores()::ownSecret)));
    }

    /** Reason why an experiment has no store: none is named, or the operator's rules do not allow it; empty if it has one. */
    public static Optional<String> refusal(
            String namespace, Experiment experiment, Policy policy, OperatorConfig config) {
        return config.stores().refusal(namespace, experiment, policy);
    }

    /** The store as one text: {@code s3://bucket/prefix}, below its endpoint where that is not AWS's. */
    public String uri() {
        return uri(location);
    }

    static String uri(StoreLocation location) {
        String path = location.bucket() + (location.prefix().isEmpty() ? "" : "/" + location.prefix());
        String endpoint = location.endpoint();
        return endpoint == null ? "s3://" + path : endpoint.replaceAll("/+$", "") + "/" + path;
    }
}
