package dev.moco.operator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import dev.moco.operator.api.MoCoExperimentStatus.Summary;
import dev.moco.operator.spec.ExperimentReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The definition on a real API server, used through kubectl. */
class CrdIT {
    private static CrdCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = CrdCluster.start();
    }

    @Test
    void aMinimalExperimentIsStoredWithAllDefaults() throws Exception {
        JsonNode stored = new JsonMapper()
                .readTree(cluster.apply(CrdCluster.MINIMAL, "--dry-run=server", "-o", "json")
                        .orFail()
                        .out());
        assertThat(stored.at("/spec/pretrain/temperature").asText()).isEqualTo("0.2");
        assertThat(stored.at("/spec/detection/trials").asText()).isEqualTo("5");
        assertThat(stored.at("/spec/pretrain/milestones").isMissingNode()).isTrue();
        assertThat(names(stored.get("spec"))).isEqualTo(names(Schema.filled().get("spec")));
        assertThat(ExperimentReader.read(stored, Optional.empty()))
                .isEqualTo(ExperimentReader.read(new YAMLMapper().readTree(CrdCluster.MINIMAL), Optional.empty()));
    }

    /** Paths of all values. */
    private static Set<String> names(JsonNode node) {
        Set<String> names = new TreeSet<>();
        node.propertyStream().forEach(field -> {
            names.add(field.getKey());
            names(field.getValue()).forEach(name -> names.add(field.getKey() + "." + name));
        });
        return names;
    }

    /** Fields without a default, in lists as a user writes them. */
    private static final String WITHOUT_DEFAULT = """
            data: {vocYears: [2007, 2012]}
            pretrain: {schedule: Step, milestones: [120, 160],
                       from: {file: s3://raw/a.pth, keyEncoder: true, queue: true, optimizer: true}}
            linear: {imageSize: 224, milestones: [60, 80], seed: 1}
            detection: {milestones: [18000, 22000], seed: 2}
            storage: {bucket: results, prefix: moco, endpoint: "http://s3.example:9000", region: us-east-1,
                      pathStyle: true, checksums: true, credentialsSecret: s3, serviceAccountName: pods}
            retryToken: again
            scheduling: {queueName: gpus, priorityClassName: low, nodeSelector: {gpu: a100}, tolerations: [
                {key: gpu}, {key: spot, value: "yes", effect: NoExecute, tolerationSeconds: 60}, {operator: Exists}]}
            resources:
              image: registry.example/stages:1
              prepare: {gpus: 0, cpu: 2, memory: 2Gi, shm: 1Gi, ephemeralStorage: 9Gi}
              weights: {gpus: 0, cpu: 2, memory: 2Gi, shm: 1Gi, ephemeralStorage: 9Gi}
              pretrain: {gpus: 1, cpu: 8, memory: 24Gi, shm: 8Gi, ephemeralStorage: 9Gi}
              linear: {gpus: 1, cpu: 8, memory: 24Gi, shm: 8Gi, ephemeralStorage: 9Gi}
              detect: {gpus: 1, cpu: 8, memory: 24Gi, shm: 8Gi, ephemeralStorage: 9Gi}
            """;

    @ParameterizedTest(name = "every field: {0}")
    @ValueSource(booleans = {false, true})
    void anUnchangedFileIsAppliedWithoutAChange(boolean everyField) throws Exception {
        ObjectNode resource = everyField ? (ObjectNode) Schema.filled() : Schema.resource();
        new YAMLMapper().readerForUpdating(resource.get("spec")).readValue(WITHOUT_DEFAULT);
        if (everyField) {
            assertThat(names(resource))
                    .containsAll(Schema.leaves().stream()
                            // It excludes pre-training.
                            .filter(path -> !path.contains("[0]") && !path.startsWith("spec.encoder."))
                            .toList());
        }
        String file = resource.toString().replace("\"name\":\"x\"", "\"name\":\"unchanged-" + everyField + "\"");
        assertThat(cluster.apply(file).orFail().out()).endsWith(" created\n");
        assertThat(cluster.apply(file).orFail().out()).endsWith(" unchanged\n");
        assertThat(cluster.kubectlWithInput(file, "diff", "-f", "-").orFail().out())
                .isEmpty();
    }

    @Test
    void everyPipelineIsAccepted() throws Exception {
        List<String> arguments = new ArrayList<>(List.of("apply", "--dry-run=server"));
        try (Stream<Path> files = Files.walk(Path.of("..", "pipelines"))) {
            files.filter(file -> file.toString().endsWith(".yaml"))
                    .forEach(file -> arguments.addAll(List.of("-f", file.toString())));
        }
        assertThat(arguments).hasSizeGreaterThan(16);
        cluster.kubectl(arguments.toArray(String[]::new)).orFail();
    }

    @Test
    void kubectlExplainDescribesFields() throws Exception {
        // The server publishes the schema of a new type shortly after it accepts its resources.
        await().atMost(Duration.ofMinutes(10))
                .untilAsserted(() -> assertThat(cluster.kubectl("explain", "mocoexperiments.spec.pretrain.temperature")
                                .out())
                        .contains("Temperature of the contrastive softmax", "Above 0, up to 100. Defaults to 0.2."));
    }

    @Test
    void kubectlGetShowsTheColumns() throws Exception {
        cluster.apply(CrdCluster.MINIMAL.replace("name: x", "name: columns")).orFail();
        MoCoExperimentStatus status = new MoCoExperimentStatus(
                1L,
                List.of(new Condition("Ready", "True", "Succeeded", "", "2026-01-01T00:00:00Z", 1L)),
                List.of(),
                new Summary(
                        "Succeeded",
                        "8/8",
                        "",
                        "67.5",
                        "82.4±0.2",
                        "57.0±0.2",
                        "63.6±0.4",
                        "6.571",
                        "1200",
                        "424.0",
                        "+0.1",
                        "True",
                        "none"),
                List.of(),
                null,
                null,
                List.of(),
                null,
                null,
                null,
                null);
        cluster.kubectl(
                        "patch",
                        "moco",
                        "columns",
                        "--type=merge",
                        "--subresource=status",
                        "-p",
                        new JsonMapper().writeValueAsString(Map.of("status", status)))
                .orFail();
        assertThat(lines("get", "mocoexperiments", "columns").get(0))
                .isEqualTo("NAME STAGE PROGRESS ETA TOP1 AP50 AP AP75 READY AGE");
        List<String> wide = lines("get", "moco", "columns", "-o", "wide");
        assertThat(wide.get(0))
                .isEqualTo("NAME STAGE PROGRESS ETA TOP1 AP50 AP AP75 READY AGE LOSS IMG/S GPU-H VS-PAPER REASON");
        assertThat(wide.get(1))
                .matches(
                        "columns Succeeded 8/8 67\\.5 82\\.4±0\\.2 57\\.0±0\\.2 63\\.6±0\\.4 True \\d+s 6\\.571 1200 424\\.0"
                                + " \\+0\\.1 none");
        assertThat(lines("get", "ml")).anyMatch(line -> line.startsWith("columns Succeeded"));
    }

    private static List<String> lines(String... arguments) throws Exception {
        return cluster.kubectl(arguments)
                .orFail()
                .out()
                .lines()
                .map(line -> line.strip().replaceAll(" +", " "))
                .toList();
    }
}
