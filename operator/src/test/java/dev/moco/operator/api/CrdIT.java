package dev.moco.operator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.contract.Experiment;
import dev.moco.contract.Optimizer.Algorithm;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import dev.moco.operator.api.MoCoExperimentStatus.Summary;
import dev.moco.operator.spec.ExperimentReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
        assertThat(stored.at("/spec/pretrain/ranks").asText()).isEqualTo("8");
        assertThat(stored.at("/spec/pretrain/temperature").isMissingNode()).isTrue();
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

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"only its data", "MoCo", "EndToEnd", "SimCLR", "Supervised"})
    void anUnchangedFileIsAppliedWithoutAChange(String method) throws Exception {
        boolean minimal = method.contains(" ");
        ObjectNode resource = minimal ? Schema.resource() : Schema.everyField(method);
        String name = minimal ? "unchanged" : "unchanged-" + method.toLowerCase(Locale.ROOT);
        String file = resource.toString().replace("\"name\":\"x\"", "\"name\":\"" + name + "\"");
        assertThat(cluster.apply(file).orFail().out()).endsWith(" created\n");
        assertThat(cluster.apply(file).orFail().out()).endsWith(" unchanged\n");
        assertThat(cluster.kubectlWithInput(file, "diff", "-f", "-").orFail().out())
                .isEmpty();
    }

    @Test
    void theFilesOfAllMethodsHaveEveryField() throws Exception {
        Set<String> names = new TreeSet<>();
        for (String method : List.of("MoCo", "EndToEnd", "SimCLR", "Supervised")) {
            names.addAll(names(Schema.everyField(method)));
        }
        assertThat(names)
                .containsAll(Schema.leaves().stream()
                        // It excludes pre-training.
                        .filter(path -> !path.contains("[0]") && !path.startsWith("spec.encoder."))
                        .toList());
    }

    /** It would be refused, or be another experiment, if the API server filled in those of MoCo. */
    @Test
    void anotherMethodIsStoredWithoutTheDefaultsOfMoCo() throws Exception {
        String file = CrdCluster.MINIMAL + "  pretrain: {method: SimCLR}\n";
        JsonNode stored = new JsonMapper()
                .readTree(cluster.apply(file, "--dry-run=server", "-o", "json")
                        .orFail()
                        .out());
        assertThat(stored.at("/spec/pretrain").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "method", "arch", "batchSize", "ranks", "imageSize", "momentum", "precision", "seed", "knn");
        assertThat(stored.at("/spec/linear").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("enabled", "baseline", "momentum", "weightDecay", "precision");
        Experiment experiment = ExperimentReader.read(stored, Optional.empty()).experiment();
        assertThat(experiment)
                .isEqualTo(ExperimentReader.read(new YAMLMapper().readTree(file), Optional.empty())
                        .experiment());
        assertThat(experiment.pretrain().orElseThrow().optimizer().algorithm()).isEqualTo(Algorithm.LARS);
        assertThat(experiment.linear().orElseThrow().config().batchSize()).isEqualTo(4096);
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
                                .out()
                                .replaceAll("\\s+", " "))
                        .contains(
                                "Temperature of the contrastive softmax",
                                "Above 0, up to 100. Only with MoCo, EndToEnd and SimCLR. Defaults to 0.2 with MoCo and"
                                        + " EndToEnd, 0.1 with SimCLR."));
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
                        "",
                        "6.571",
                        "1200",
                        "424.0",
                        "+0.1",
                        "True",
                        "none"),
                List.of(),
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
