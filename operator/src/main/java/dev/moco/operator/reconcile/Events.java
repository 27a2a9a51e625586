package dev.moco.operator.reconcile;

import dev.moco.contract.Printable;
import dev.moco.contract.Sha256;
import dev.moco.operator.api.MoCoExperiment;
import dev.moco.operator.metrics.OperatorMetrics;
import dev.moco.operator.report.Transition;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a Kubernetes event for each transition, once; a failure to do so is logged and ignored. */
final class Events {
    private static final Logger LOG = LoggerFactory.getLogger(Events.class);
    private static final String COMPONENT = "moco-operator";
    private static final int MESSAGE_LENGTH = 1024;

    private final KubernetesClient client;
    private final OperatorMetrics metrics;
    private final Clock clock;

    Events(KubernetesClient client, OperatorMetrics metrics, Clock clock) {
        this.client = client;
        this.metrics = metrics;
        this.clock = clock;
    }

    /**
     * Writes the event of a transition.
     *
     * @param about the resource before the transition. Only one writer can have replaced its version, so the event's name
     *     is unique to the transition and a second attempt conflicts with the first
     */
    void write(MoCoExperiment about, Transition transition) {
        Event event = event(about, transition);
        try {
            client.resource(event).create();
            metrics.wrote("Event", "create");
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                LOG.warn("event reason={} not written: {}", transition.reason(), e.getMessage());
            }
        }
    }

    Event event(MoCoExperiment about, Transition transition) {
        ObjectMeta meta = about.getMetadata();
        String identity =
                String.join("\n", meta.getUid(), meta.getResourceVersion(), transition.stage(), transition.reason());
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        return new EventBuilder()
                .withNewMetadata()
                .withNamespace(meta.getNamespace())
                .withName(meta.getName() + "."
                        + Sha256.of(identity.getBytes(StandardCharsets.UTF_8)).substring(0, 16))
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion(about.getApiVersion())
                .withKind(about.getKind())
                .withNamespace(meta.getNamespace())
                .withName(meta.getName())
                .withUid(meta.getUid())
                .withResourceVersion(meta.getResourceVersion())
                .endInvolvedObject()
                .withType(transition.type())
                .withReason(transition.reason())
                .withMessage(message(transition))
                .withFirstTimestamp(now)
                .withLastTimestamp(now)
                .withCount(1)
                .withNewSource()
                .withComponent(COMPONENT)
                .endSource()
                .withReportingComponent(COMPONENT)
                .withReportingInstance(COMPONENT)
                .build();
    }

    private static String message(Transition transition) {
        String text = Printable.line(transition.message());
        return text.length() <= MESSAGE_LENGTH ? text : text.substring(0, MESSAGE_LENGTH - 1) + "…";
    }
}
