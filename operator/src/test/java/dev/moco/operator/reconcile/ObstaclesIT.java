package dev.moco.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.contract.StoreLocation;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.server.MoCoOperator;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The status says why a real control plane creates no pod of a Job. */
class ObstaclesIT {
    private OperatorFixture fixture;
    private MoCoOperator operator;

    @BeforeEach
    void start() throws Exception {
        fixture = OperatorFixture.of("obstacles");
        operator = fixture.operator();
    }

    @AfterEach
    void stop() throws Exception {
        fixture.close();
    }

    @Test
    void aQuotaALimitRangeAndAFailingWebhookAreReported() throws Exception {
        List<String[]> obstacles = List.of(
                new String[] {"quota", """
                        apiVersion: v1
                        kind: ResourceQuota
                        metadata: {name: none}
                        spec: {hard: {pods: 0}}
                        """, "is forbidden: exceeded quota: none"},
                new String[] {"range", """
                        apiVersion: v1
                        kind: LimitRange
                        metadata: {name: large}
                        spec: {limits: [{type: Container, min: {cpu: 99}}]}
                        """, "minimum cpu usage per Container is 99, but request is 2"},
                new String[] {
                    "webhook", """
                        apiVersion: admissionregistration.k8s.io/v1
                        kind: ValidatingWebhookConfiguration
                        metadata: {name: %1$s}
                        webhooks:
                          - name: pods.example.com
                            clientConfig: {url: "https://127.0.0.1:1/"}
                            rules: [{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE]}]
                            namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
                            sideEffects: None
                            admissionReviewVersions: [v1]
                        """.formatted(fixture.namespace()), "failed calling webhook \"pods.example.com\""
                });
        for (String[] obstacle : obstacles) {
            kubectl(obstacle[1], "apply");
            try {
                fixture.apply(obstacle[0], "");
                awaitReason(obstacle[0], obstacle[2]);
                // Metrics are updated after the status, and count from one second on.
                await().atMost(Duration.ofMinutes(10))
                        .untilAsserted(
                                () -> assertThat(metrics())
                                        .containsPattern(
                                                "moco_stage_pending_seconds\\{experiment=\"" + obstacle[0]
                                                        + "\",namespace=\"[a-z0-9-]+\",stage=\"prepare\",task=\"prepare-imagenet\"} [1-9]"));
                fixture.awaitEvent(obstacle[0], event -> event.startsWith("Warning StageWaiting: prepare-"));
            } finally {
                kubectl(obstacle[1], "delete");
            }
            end(obstacle[0]);
        }
    }

    @Test
    void aMissingServiceAccountIsReportedUntilItIsThere() throws Exception {
        FakeStages stages = new FakeStages(fixture.store());
        fixture.fakeNode(Duration.ofHours(1), stages);
        StoreLocation store = fixture.location();
        fixture.apply(
                "account",
                "storage: {bucket: %s, endpoint: \"%s\", credentialsSecret: %s, serviceAccountName: nobody}"
                        .formatted(store.bucket(), store.endpoint(), OperatorFixture.SECRET));
        awaitReason("account", "serviceaccount \"nobody\" not found");
        fixture.cluster()
                .kubectl("create", "serviceaccount", "nobody", "-n", fixture.namespace())
                .orFail();
        fixture.awaitStatus("account", status -> status.stages().get(0).state().equals("Running"));
    }

    private String metrics() throws Exception {
        int port = operator.metricsAddress().orElseThrow().getPort();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private void awaitReason(String name, String text) {
        fixture.awaitStatus(
                name,
                status -> reason(status).startsWith("no pod of it can be created: ")
                        && reason(status).contains(text));
    }

    private static String reason(MoCoExperimentStatus status) {
        return status.stages().get(0).reason();
    }

    private void kubectl(String manifest, String verb) throws Exception {
        fixture.cluster()
                .kubectlWithInput(manifest, verb, "-n", fixture.namespace(), "-f", "-")
                .orFail();
    }

    private void end(String name) throws Exception {
        fixture.cluster()
                .kubectl("delete", "mocoexperiment", name, "-n", fixture.namespace())
                .orFail();
        await().atMost(Duration.ofMinutes(10)).until(() -> fixture.jobs().isEmpty());
    }
}
