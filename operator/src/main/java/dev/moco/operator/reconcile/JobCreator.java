package dev.moco.operator.reconcile;

import dev.moco.operator.decide.Action;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.metrics.OperatorMetrics;
import dev.moco.operator.storage.StoreEventSource;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates Jobs, each once: their names follow from what they make, so a second create of whatever process meets the first,
 * which is then adopted.
 */
final class JobCreator {
    private static final Logger LOG = LoggerFactory.getLogger(JobCreator.class);
    private static final int UNPROCESSABLE = 422;
    /** A claim of another experiment is a Job by then, or none. */
    private static final Duration CLAIMED = Duration.ofSeconds(2);
    /** What the API server refuses, a quota perhaps, is asked for again. */
    private static final Duration REFUSED = Duration.ofSeconds(30);

    private static final Duration SOON = Duration.ofMillis(200);

    private final KubernetesClient client;
    private final OperatorMetrics metrics;
    private final KeyReservations claims;
    private final StoreEventSource watch;
    private final Map<ResourceID, String> refusals = new ConcurrentHashMap<>();

    JobCreator(KubernetesClient client, OperatorMetrics metrics, KeyReservations claims, StoreEventSource watch) {
        this.client = client;
        this.metrics = metrics;
        this.claims = claims;
        this.watch = watch;
    }

    /** Creates what nobody else is about to create, on looks that are fresh; returns when to try the rest. */
    Optional<Duration> create(ResourceID experiment, List<Action.Create> creates, JobInformers cluster) {
        Optional<Duration> again = Optional.empty();
        for (Action.Create create : creates) {
            Collection<String> keys = JobLabels.keys(create.job()).values();
            Optional<Duration> wait;
            if (!claims.claim(keys, experiment)) {
                wait = Optional.of(CLAIMED);
            } else if (!watch.fresh(experiment, keys)) {
                wait = Optional.of(SOON);
            } else {
                wait = create(create.job(), cluster);
            }
            again = Durations.sooner(again, wait);
        }
        return again;
    }

    private Optional<Duration> create(Job job, JobInformers cluster) {
        ResourceID id = ResourceID.fromResource(job);
        try {
            client.resource(job).create();
            refusals.remove(id);
            metrics.wrote("Job", "create");
            LOG.info("job={} created keys={}", name(job), JobLabels.keys(job));
            return Optional.empty();
        } catch (KubernetesClientException e) {
            return switch (e.getCode()) {
                case HttpURLConnection.HTTP_CONFLICT -> {
                    adopt(job, cluster);
                    yield Optional.of(SOON);
                }
                case HttpURLConnection.HTTP_FORBIDDEN, HttpURLConnection.HTTP_BAD_REQUEST, UNPROCESSABLE ->
                    refused(id, e);
                default -> throw e;
            };
        }
    }

    /** Whose it is, the next turn sees: past every cache, for an informer may lag, or never have it. */
    private void adopt(Job job, JobInformers cluster) {
        Job there = client.batch()
                .v1()
                .jobs()
                .inNamespace(job.getMetadata().getNamespace())
                .withName(job.getMetadata().getName())
                .get();
        LOG.info("job={} is there already", name(job));
        if (there != null) {
            cluster.meet(there);
        }
    }

    private Optional<Duration> refused(ResourceID id, KubernetesClientException e) {
        String why = e.getStatus() == null || e.getStatus().getMessage() == null
                ? String.valueOf(e.getMessage())
                : e.getStatus().getMessage();
        LOG.warn("job={} refused: {}", id, why);
        // The first time the next turn is at once: the status is to say so.
        return Optional.of(why.equals(refusals.put(id, why)) ? REFUSED : SOON);
    }

    /** Why the API server refused a Job when it was asked last. */
    Optional<String> refusal(String namespace, String name) {
        return Optional.ofNullable(refusals.get(new ResourceID(name, namespace)));
    }

    private static String name(Job job) {
        return job.getMetadata().getNamespace() + "/" + job.getMetadata().getName();
    }
}
