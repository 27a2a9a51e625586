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

/** Writes statuses: whole, and under the lock of the resource's version. A write tells of the transitions it makes. */
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
     * What was written last of a resource.
     *
     * @param replaced versions that it replaced, one after the other, and that the informer may still have
     * @param by what it is since; null once the informer has it too
     */
    private record Written(Set<String> replaced, @Nullable MoCoExperiment by, Instant at) {}

    /** The resource as it is after our own last write. */
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

    /** How long to wait with the status of a turn; empty if it tells nothing new. */
    Optional<Duration> due(MoCoExperiment experiment, ReconcilePlan turn) {
        Written last = written.get(ResourceID.fromResource(experiment));
        Instant lastWrite = last == null ? Instant.EPOCH : last.at();
        return StatusChange.due(experiment.getStatus(), turn.status(), lastWrite, clock.instant());
    }

    /** Writes the status of a turn; false if the resource has changed meanwhile, so that the turn is to be taken again. */
    boolean write(MoCoExperiment experiment, ReconcilePlan turn) {
        ResourceID id = ResourceID.fromResource(experiment);
        MoCoExperimentStatus previous = experiment.getStatus();
        MoCoExperimentStatus next = turn.status();
        Written last = written.get(id);
        Instant now = clock.instant();
        MoCoExperiment wanted = new MoCoExperiment();
        wanted.setMetadata(experiment.getMetadata());
        wanted.setSpec(experiment.getSpec());
        wanted.setStatus(next);
        try {
            MoCoExperiment result = client.resource(wanted).updateStatus();
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
            events.tell(experiment, transition);
        }
        counts.count(previous, next, turn.decision());
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
