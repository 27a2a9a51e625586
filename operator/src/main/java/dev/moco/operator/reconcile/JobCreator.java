package dev.moco.operator.reconcile;

import dev.moco.operator.decide.Action;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.metrics.OperatorMetrics;
import dev.moco.operator.metrics.PendingStage;
import dev.moco.operator.observe.ExperimentJobs;
import dev.moco.operator.storage.StoreEventSource;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates each Job once. Its name is computed from its artifacts, so a second create by any process conflicts with the
 * first Job, which is then adopted.
 */
final class JobCreator {
    private static final Logger LOG = LoggerFactory.getLogger(JobCreator.class);
    /** Retry delay while another experiment holds a key: by then its Job exists, or the reservation is free. */
    private static final Duration RESERVED = Duration.ofSeconds(2);

    private static final Duration RETRY = Duration.ofMillis(200);

    private final KubernetesClient client;
    private final OperatorMetrics metrics;
    private final KeyReservations reservations;
    private final StoreEventSource stores;
    private final JobRefusals refusals;

    JobCreator(
            KubernetesClient client,
            OperatorMetrics metrics,
            KeyReservations reservations,
            StoreEventSource stores,
            Clock clock) {
        this.client = client;
        this.metrics = metrics;
        this.reservations = reservations;
        this.stores = stores;
        this.refusals = new JobRefusals(clock);
    }

    /** Forgets refusals of Jobs that an experiment no longer needs; only a settled plan says which it needs. */
    void settled(ResourceID experiment, List<Action.Create> creates) {
        refusals.retain(experiment, creates.stream().map(Action.Create::job).toList());
    }

    /** Creates the Jobs whose keys are not reserved and were queried recently; returns the time until the rest is tried. */
    Optional<Duration> create(
            ResourceID experiment, ExperimentJobs jobs, List<Action.Create> creates, JobInformers informers) {
        Optional<Duration> again = Optional.empty();
        for (Action.Create create : creates) {
            Collection<String> keys = JobLabels.keys(create.job()).values();
            Optional<Duration> wait = refusals.wait(create.job());
            if (wait.isPresent()) {
                LOG.debug("job={} was refused, next attempt in {}", name(create.job()), wait.get());
            } else if (!reservations.reserve(jobs.claims(keys), experiment)) {
                wait = Optional.of(RESERVED);
            } else if (!stores.confirmFresh(experiment, keys)) {
                wait = Optional.of(RETRY);
            } else {
                wait = create(create.job(), informers);
            }
            again = Durations.shorter(again, wait);
        }
        return again;
    }

    private Optional<Duration> create(Job job, JobInformers informers) {
        try {
            // Until the informer has it, other experiments must see that the key runs.
            informers.remember(client.resource(job).create());
            refusals.created(job);
            metrics.wrote("Job", "create");
            LOG.info("job={} created keys={}", name(job), JobLabels.keys(job));
            return Optional.empty();
        } catch (KubernetesClientException e) {
            return switch (e.getCode()) {
                case HttpURLConnection.HTTP_CONFLICT -> {
                    adopt(job, informers);
                    yield Optional.of(RETRY);
                }
                // No answer of the API server: nothing is known about the Job.
                case 0 -> throw e;
                // A webhook that fails is an answer too, often with code 500.
                default -> Optional.of(refused(job, e));
            };
        }
    }

    /** Reads from the API server, since the informer may lag; ownership is checked at the next reconcile. */
    private void adopt(Job job, JobInformers informers) {
        Job existing = client.batch()
                .v1()
                .jobs()
                .inNamespace(job.getMetadata().getNamespace())
                .withName(job.getMetadata().getName())
                .get();
        LOG.info("job={} exists already", name(job));
        if (existing != null) {
            informers.remember(existing);
        }
    }

    private Duration refused(Job job, KubernetesClientException e) {
        String message = e.getStatus() == null || e.getStatus().getMessage() == null
                ? String.valueOf(e.getMessage())
                : e.getStatus().getMessage();
        boolean news = refusals.refused(job, message);
        LOG.warn("job={} refused: {}", name(job), message);
        // A new message is reported at once by the status.
        return news ? RETRY : refusals.wait(job).orElse(RETRY);
    }

    /** Message of the API server's last refusal to create a Job. */
    Optional<String> refusal(String namespace, String name) {
        return refusals.message(namespace, name);
    }

    /** Stages whose Job is refused. */
    Stream<PendingStage> waiting() {
        return refusals.all().map(refusal -> new PendingStage(refusal.job(), refusal.since()));
    }

    /** Drops the refused Jobs of an experiment. */
    void drop(ResourceID experiment) {
        refusals.retain(experiment, List.of());
    }

    private static String name(Job job) {
        return job.getMetadata().getNamespace() + "/" + job.getMetadata().getName();
    }
}
