package dev.moco.operator.reconcile;

import dev.moco.operator.jobs.Action;
import dev.moco.operator.jobs.StageJobs;
import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.policy.v1.EvictionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes to Jobs and pods. Each may be repeated, and done by two operators at once: names are deterministic, a deletion
 * names the object it means, and what is gone already is fine.
 */
final class ClusterWrites {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterWrites.class);

    private final KubernetesClient client;
    private final OperatorMetrics metrics;

    ClusterWrites(KubernetesClient client, OperatorMetrics metrics) {
        this.client = client;
        this.metrics = metrics;
    }

    /**
     * Creates a Job.
     *
     * @return the Job that has its name already, read past every cache: ours from before, or another's; empty if it is new
     */
    Optional<Job> create(Action.Create create) {
        Job job = create.job();
        String namespace = job.getMetadata().getNamespace();
        String name = job.getMetadata().getName();
        try {
            client.resource(job).create();
            metrics.wrote("Job", "create");
            LOG.info("job={}/{} created keys={}", namespace, name, StageJobs.keys(job));
            return Optional.empty();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            Job there =
                    client.batch().v1().jobs().inNamespace(namespace).withName(name).get();
            LOG.info("job={}/{} is there already", namespace, name);
            return Optional.ofNullable(there);
        }
    }

    void stop(Action action) {
        if (action instanceof Action.Delete delete) {
            delete(delete);
        } else if (action instanceof Action.Evict evict) {
            evict(evict);
        } else if (action instanceof Action.Create create) {
            create(create);
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
            // The client's own delete has no precondition on the uid.
            client.raw(
                    "/apis/batch/v1/namespaces/" + delete.namespace() + "/jobs/" + delete.name(), "DELETE", options);
            metrics.wrote("Job", "delete");
            LOG.info("job={}/{} deleted reason=\"{}\"", delete.namespace(), delete.name(), delete.reason());
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND && e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            LOG.debug("job={}/{} is gone already", delete.namespace(), delete.name());
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
                // A PodDisruptionBudget; the next turn asks again.
                LOG.info("pod={}/{} may not be evicted now", evict.namespace(), evict.pod());
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND && e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            LOG.debug("pod={}/{} is gone already", evict.namespace(), evict.pod());
        }
    }
}
