package dev.moco.operator.reconcile;

import dev.moco.operator.api.MoCoExperiment;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.decide.ReconcilePlan;
import dev.moco.operator.metrics.OperatorMetrics;
import dev.moco.operator.metrics.StageCounts;
import dev.moco.operator.report.StatusChange;
import dev.moco.operator.report.Transition;
import dev.moco.operator.report.Transitions;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes whole statuses with optimistic locking, and events and log lines for the transitions that a write makes. */
final class StatusWriter {
    private static final Logger LOG = LoggerFactory.getLogger(StatusWriter.class);

    private final KubernetesClient client;
    private final OperatorMetrics metrics;
    private final Events events;
    private final StageCounts counts;
    private final Clock clock;
    private final Map<ResourceID, Written> written = new ConcurrentHashMap<>();

    StatusWriter(KubernetesClient client, OperatorMetrics metrics, Clock clock) {
        this.client = client;
        this.metrics = metrics;
        this.events = new Events(client, metrics, clock);
        this.counts = new StageCounts(metrics);
        this.clock = clock;
    }

    /**
     * The last write to a resource.
     *
     * @param replaced resource versions that were replaced, which the informer may still have
     * @param by the resource after the write; null once the informer has it too
     */
    private record Written(Set<String> replaced, @Nullable MoCoExperiment by, Instant at) {}

    /** The resource after the operator's own last write, even while the informer lags. */
    MoCoExperiment newest(MoCoExperiment cached) {
        ResourceID id = ResourceID.fromResource(cached);
        Written last = written.get(id);
        if (last == null || last.by() == null) {
            return cached;
        }
        if (last.replaced().contains(cached.getMetadata().getResourceVersion())) {
            return last.by();
        }
        written.put(id, new Written(Set.of(), null, last.at()));
        return cached;
    }

    /** Time to wait before the status of a plan is written; empty if it has nothing new. */
    Optional<Duration> due(MoCoExperiment experiment, ReconcilePlan plan) {
        Written last = written.get(ResourceID.fromResource(experiment));
        Instant lastWrite = last == null ? Instant.EPOCH : last.at();
        return StatusChange.due(experiment.getStatus(), plan.status(), lastWrite, clock.instant());
    }

    /** Writes the status of a plan; false if the resource has changed meanwhile, so that the reconcile is to be repeated. */
    boolean write(MoCoExperiment experiment, ReconcilePlan plan) {
        ResourceID id = ResourceID.fromResource(experiment);
        MoCoExperimentStatus previous = experiment.getStatus();
        MoCoExperimentStatus next = plan.status();
        Written last = written.get(id);
        Instant now = clock.instant();
        MoCoExperiment desired = new MoCoExperiment();
        desired.setMetadata(experiment.getMetadata());
        desired.setSpec(experiment.getSpec());
        desired.setStatus(next);
        try {
            MoCoExperiment result = client.resource(desired).updateStatus();
            metrics.wrote(MoCoExperiment.KIND, "update");
            written.put(id, new Written(replaced(last, experiment), result, now));
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                LOG.debug("status not written: {}", e.getMessage());
                return false;
            }
            throw e;
        }
        for (Transition transition : Transitions.between(previous, next)) {
            LOG.info(
                    "{}reason={} message=\"{}\"",
                    transition.stage().isEmpty() ? "" : "stage=" + transition.stage() + " ",
                    transition.reason(),
                    transition.message());
            events.write(experiment, transition);
        }
        counts.count(previous, next, plan.decision());
        return true;
    }

    private static Set<String> replaced(@Nullable Written last, MoCoExperiment experiment) {
        String version = experiment.getMetadata().getResourceVersion();
        Set<String> versions = new HashSet<>();
        if (last != null
                && last.by() != null
                && version.equals(last.by().getMetadata().getResourceVersion())) {
            versions.addAll(last.replaced());
        }
        versions.add(version);
        return Set.copyOf(versions);
    }

    void forget(ResourceID id) {
        written.remove(id);
    }
}
