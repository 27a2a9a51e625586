package dev.moco.operator.neighbors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.operator.manifests.ManifestFiles;
import dev.moco.operator.reconcile.FakeStages;
import dev.moco.operator.reconcile.OperatorFixture;
import dev.moco.operator.server.MoCoOperator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alerts, the dashboard and the metrics, read by Prometheus itself. */
@Tag("neighbor")
class PrometheusIT {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Path MONITORING = ManifestFiles.ROOT.resolve("monitoring");

    @Test
    void promtoolAcceptsTheRulesAndTheirTestsPass() throws Exception {
        String promtool = Prometheus.program("promtool");
        int rules = ManifestFiles.document("monitoring/rules.yaml")
                .at("/groups/0/rules")
                .size();
        assertThat(Command.of(promtool, "check", "rules", "rules.yaml")
                        .in(MONITORING)
                        .output())
                .contains("SUCCESS: " + rules + " rules found");
        assertThat(Command.of(promtool, "test", "rules", "rules-test.yaml")
                        .in(MONITORING)
                        .output())
                .contains("SUCCESS");
    }

    @Test
    void anOperatorIsScrapedAndItsEndIsAnAlert(@TempDir Path folder) throws Exception {
        try (OperatorFixture fixture = OperatorFixture.of("metrics")) {
            fixture.fakeNode(Duration.ofMillis(300), new FakeStages(fixture.store()));
            MoCoOperator operator = fixture.operator();
            try (Prometheus prometheus =
                    Prometheus.start(folder, operator.metricsAddress().orElseThrow())) {
                awaitOne(prometheus, "up{job=\"moco-operator\"}");
                awaitOne(prometheus, "moco_leader");
                fixture.apply("tiny", "");
                fixture.awaitCondition("tiny", "Ready", "True");
                // The namespace is the experiment's, as honorLabels of the PodMonitor keeps it.
                awaitOne(
                        prometheus, "moco_experiments{state=\"Succeeded\", namespace=\"" + fixture.namespace() + "\"}");

                List<JsonNode> expected =
                        ManifestFiles.document("monitoring/rules.yaml").findValues("alert");
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(prometheus.rules())
                                .hasSameSizeAs(expected)
                                .allSatisfy(
                                        rule -> assertThat(rule.path("health").asText())
                                                .as(rule.toString())
                                                .isEqualTo("ok")));
                assertThat(prometheus.alerts()).isEmpty();
                for (String expression : dashboard()) {
                    assertThat(prometheus.query(expression)).as(expression).isNotNull();
                }

                operator.close();
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(prometheus.alerts()).containsExactly("MoCoNoLeader firing"));
            }
        }
    }

    private static void awaitOne(Prometheus prometheus, String expression) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(prometheus.query(expression))
                        .singleElement()
                        .satisfies(sample -> assertThat(
                                        sample.path("value").path(1).asText())
                                .isEqualTo("1")));
    }

    /** Queries of all panels, with a value for each of Grafana's variables. */
    private static List<String> dashboard() {
        return ManifestFiles.document("monitoring/dashboard.json").findValuesAsText("expr").stream()
                .map(expression -> expression
                        .replace("$namespace", ".*")
                        .replace("$experiment", ".*")
                        .replace("$__range", "1h")
                        .replace("$__rate_interval", "1m"))
                .toList();
    }
}
