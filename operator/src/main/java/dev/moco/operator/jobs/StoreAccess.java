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
    /** Returns the access; empty if neither the experiment nor the operator names a store. */
    public static Optional<StoreAccess> of(Experiment experiment, Policy policy, OperatorConfig config) {
        StoreLocation own = experiment.store();
        Optional<String> secret = policy.access().credentialsSecret();
        return own != null
                ? Optional.of(new StoreAccess(own, secret))
                : config.store().map(store -> new StoreAccess(store, secret.or(config::storeSecret)));
    }

    /** The store as one text: {@code s3://bucket/prefix}, below its endpoint where that is not AWS's. */
    public String uri() {
        String path = location.bucket() + (location.prefix().isEmpty() ? "" : "/" + location.prefix());
        String endpoint = location.endpoint();
        return endpoint == null ? "s3://" + path : endpoint.replaceAll("/+$", "") + "/" + path;
    }
}
