package dev.moco.operator.reconcile;

import dev.moco.operator.decide.Action;
import dev.moco.operator.metrics.OperatorMetrics;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes fields of Jobs. A change may be repeated; a Job that no longer exists, or has another uid, is left alone. */
final class JobPatcher {
    private static final Logger LOG = LoggerFactory.getLogger(JobPatcher.class);

    private static final int UNPROCESSABLE = 422;

    private final KubernetesClient client;
    private final OperatorMetrics metrics;

    JobPatcher(KubernetesClient client, OperatorMetrics metrics) {
        this.client = client;
        this.metrics = metrics;
    }

    void patch(Action.Patch patch) {
        try {
            client.batch()
                    .v1()
                    .jobs()
                    .inNamespace(patch.namespace())
                    .withName(patch.name())
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            client.getKubernetesSerialization().asJson(patch.fields()));
            metrics.wrote("Job", "patch");
            LOG.info("job={}/{} patched reason=\"{}\"", patch.namespace(), patch.name(), patch.reason());
        } catch (KubernetesClientException e) {
            switch (e.getCode()) {
                // Another uid is answered as an invalid change; what a policy forbids is no reason to stop here.
                case HttpURLConnection.HTTP_NOT_FOUND,
                        HttpURLConnection.HTTP_CONFLICT,
                        HttpURLConnection.HTTP_BAD_REQUEST,
                        HttpURLConnection.HTTP_FORBIDDEN,
                        UNPROCESSABLE ->
                    LOG.info("job={}/{} not patched: {}", patch.namespace(), patch.name(), e.getMessage());
                default -> throw e;
            }
        }
    }
}
