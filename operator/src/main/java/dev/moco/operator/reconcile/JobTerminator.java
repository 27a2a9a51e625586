package dev.moco.operator.reconcile;

import dev.moco.operator.decide.Action;
import dev.moco.operator.metrics.OperatorMetrics;
import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.EvictionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes Jobs and evicts pods. Both may be repeated, and done by two operators at once: they name the object's uid, and an
 * object that no longer exists is fine.
 */
final class JobTerminator {
    private static final Logger LOG = LoggerFactory.getLogger(JobTerminator.class);

    private final KubernetesClient client;
    private final OperatorMetrics metrics;

    JobTerminator(KubernetesClient client, OperatorMetrics metrics) {
        this.client = client;
        this.metrics = metrics;
    }

    void terminate(Action action) {
        if (action instanceof Action.Delete delete) {
            delete(delete);
        } else if (action instanceof Action.Evict evict) {
            evict(evict);
        } else {
            throw new IllegalArgumentException("not a termination: " + action);
        }
    }

    private void delete(Action.Delete delete) {
        DeleteOptions options = new DeleteOptionsBuilder()
                .withPropagationPolicy("Foreground")
                .withNewPreconditions()
                .withUid(delete.uid())
                .endPreconditions()
                .build();
        try {
            // The client's own delete cannot set a precondition on the uid.
            client.raw("/apis/batch/v1/namespaces/" + delete.namespace() + "/jobs/" + delete.name(), "DELETE", options);
            metrics.wrote("Job", "delete");
            LOG.info("job={}/{} deleted reason=\"{}\"", delete.namespace(), delete.name(), delete.reason());
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND && e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            LOG.debug("job={}/{} no longer exists", delete.namespace(), delete.name());
        }
    }

    private void evict(Action.Evict evict) {
        try {
            boolean evicted = client.pods()
                    .inNamespace(evict.namespace())
                    .withName(evict.pod())
                    .evict(new EvictionBuilder()
                            .withNewMetadata()
                            .withNamespace(evict.namespace())
                            .withName(evict.pod())
                            .endMetadata()
                            .withDeleteOptions(new DeleteOptionsBuilder()
                                    .withNewPreconditions()
                                    .withUid(evict.uid())
                                    .endPreconditions()
                                    .build())
                            .build());
            if (evicted) {
                metrics.wrote("Pod", "evict");
                LOG.info("pod={}/{} evicted reason=\"{}\"", evict.namespace(), evict.pod(), evict.reason());
            } else {
                // A PodDisruptionBudget forbids it; the next reconcile tries again.
                LOG.info("pod={}/{} cannot be evicted now", evict.namespace(), evict.pod());
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND && e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            LOG.debug("pod={}/{} no longer exists", evict.namespace(), evict.pod());
        }
    }
}
