package dev.moco.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.contract.Experiment;
import dev.moco.contract.Manifest;
import dev.moco.contract.Task;
import dev.moco.operator.plan.Commits;
import dev.moco.operator.plan.Plan;
import dev.moco.operator.plan.PlanInput;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.report.PaperRow;
import dev.moco.operator.report.PaperTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Golden file {@code keys/pipelines.txt} with the key of every task of every shipped experiment. A change of the file
 * means that users lose their committed results, so only a change of a stage's computation may change it. {@code
 * -Dmoco.keys=write} updates the file.
 */
class PipelineKeysTest {
    private static final Path PIPELINES = Path.of("..", "pipelines");
    private static final Path GOLDEN = Path.of("src/test/resources/keys/pipelines.txt");
    private static final List<String> METHODS = List.of("moco", "end-to-end", "simclr", "supervised");
    private static final YAMLMapper YAML = new YAMLMapper();

    @Test
    void keysOfTheShippedExperimentsStayTheSame() throws IOException {
        StringBuilder found = new StringBuilder();
        for (Map.Entry<String, JsonNode> experiment : experiments().entrySet()) {
            keys(read(experiment.getValue()))
                    .forEach(line -> found.append(experiment.getKey())
                            .append(' ')
                            .append(line)
                            .append('\n'));
        }
        if ("write".equals(System.getProperty("moco.keys"))) {
            Files.writeString(GOLDEN, found);
        }
        assertThat(found.toString()).isEqualTo(Files.readString(GOLDEN));
    }

    /** A pre-training with the same key is done once. */
    @Test
    void rowsOfDifferentTablesShareTheirPreTraining() throws IOException {
        Map<String, List<String>> rowsByKey = new TreeMap<>();
        rows().forEach((row, experiment) -> keys(experiment).stream()
                .filter(line -> line.startsWith("pretrain "))
                .forEach(line -> rowsByKey
                        .computeIfAbsent(line, key -> new ArrayList<>())
                        .add(row)));
        assertThat(rowsByKey.values())
                .containsExactlyInAnyOrder(
                        List.of("table1/supervised"),
                        List.of("table1/v1", "table2/moco-v1", "temperature/0.07-fc"),
                        List.of("table1/a", "temperature/0.2"),
                        List.of("table1/b"),
                        List.of("table1/c"),
                        List.of("table1/d", "table2/moco-v2-200", "table3/moco-256"),
                        List.of("table1/e", "table2/moco-v2-800"),
                        List.of("table2/simclr-256"),
                        List.of("table2/simclr-4096"),
                        List.of("table2/simclr-8192"),
                        List.of("table3/end-to-end-256"),
                        List.of("table3/end-to-end-4096"),
                        List.of("temperature/0.07"),
                        List.of("temperature/0.1"),
                        List.of("temperature/0.1-fc"),
                        List.of("temperature/0.2-fc"),
                        List.of("temperature/0.3"),
                        List.of("temperature/0.3-fc"),
                        List.of("temperature/0.4"),
                        List.of("temperature/0.4-fc"),
                        List.of("temperature/0.5"),
                        List.of("temperature/0.5-fc"));
    }

    /** The quickstart's methods have its data, its probe and, of MoCo, its pre-training; another seed changes only that. */
    @Test
    void theMethodsOfTheQuickstartShareWhatTheyCan() throws IOException {
        Map<String, JsonNode> experiments = experiments();
        Map<String, String> quickstart = keysByTask(at(experiments, "quickstart/experiment.yaml"));
        List<String> titles = new ArrayList<>();
        Set<String> pretrained = new HashSet<>();
        for (String method : METHODS) {
            JsonNode file = at(experiments, "quickstart/methods/" + method + ".yaml");
            titles.add(read(file).pretrain().orElseThrow().method().title());
            Map<String, String> keys = keysByTask(file);
            assertThat(keys)
                    .containsOnlyKeys("prepare-imagenet", "pretrain", "linear", "linear-baseline")
                    .containsEntry("prepare-imagenet", at(quickstart, "prepare-imagenet"))
                    .containsEntry("linear-baseline", at(quickstart, "linear-baseline"));
            String key = at(keys, "pretrain");
            pretrained.add(key);
            assertThat(key.equals(quickstart.get("pretrain"))).isEqualTo(method.equals("moco"));
            ((ObjectNode) file.at("/spec/pretrain")).put("seed", 100);
            assertThat(keysByTask(file).get("pretrain")).isNotEqualTo(key);
        }
        assertThat(titles).containsExactly("MoCo", "EndToEnd", "SimCLR", "Supervised");
        assertThat(pretrained).hasSize(METHODS.size());
    }

    private static <V> V at(Map<String, V> values, String key) {
        return Objects.requireNonNull(values.get(key), key);
    }

    private static Map<String, String> keysByTask(JsonNode experiment) {
        Map<String, String> keys = new TreeMap<>();
        for (String line : keys(read(experiment))) {
            int space = line.indexOf(' ');
            keys.put(line.substring(0, space), line.substring(space + 1));
        }
        return keys;
    }

    /** The defaults of each method are those of the paper's row. */
    @Test
    void everyRowIsTheRowOfThePaperThatItIsNamedFor() throws IOException {
        Map<String, String> names = new TreeMap<>();
        rows().forEach((row, experiment) ->
                names.put(row, PaperTables.rowOf(experiment).map(PaperRow::name).orElse("none")));
        assertThat(names)
                .doesNotContainValue("none")
                .containsEntry("table1/supervised", "supervised")
                .containsEntry("table2/simclr-256", "SimCLR 256")
                .containsEntry("table2/simclr-4096", "SimCLR 4096")
                .containsEntry("table2/simclr-8192", "SimCLR 8192")
                .containsEntry("table2/moco-v2-800", "(e)")
                .containsEntry("table3/end-to-end-256", "end-to-end 256")
                .containsEntry("table3/end-to-end-4096", "end-to-end 4096")
                .containsEntry("table3/moco-256", "(d)");
    }

    /** Rows of the folders of tables, such as {@code table2/moco-v1}. */
    private static Map<String, Experiment> rows() throws IOException {
        Map<String, Experiment> rows = new TreeMap<>();
        experiments().forEach((path, experiment) -> {
            if (path.matches("(table\\d|temperature)/(?!base/).*")) {
                rows.put(path.replaceAll("/Kustomization|\\.yaml", ""), read(experiment));
            }
        });
        return rows;
    }

    private static Experiment read(JsonNode experiment) {
        return ExperimentReader.read(PIPELINES.resolve("experiment.yaml"), experiment)
                .experiment();
    }

    /** Shipped experiments by path: files that hold one, and Kustomize folders that patch one. */
    private static Map<String, JsonNode> experiments() throws IOException {
        Map<String, JsonNode> experiments = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(PIPELINES)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                String name = PIPELINES.relativize(file).toString();
                if (name.endsWith(".yaml")) {
                    experiments.put(name, YAML.readTree(file.toFile()));
                } else if (name.endsWith("/Kustomization")) {
                    JsonNode kustomization = YAML.readTree(file.toFile());
                    if (kustomization.has("patches")) {
                        experiments.put(name, patched(file.resolveSibling("../base/experiment.yaml"), kustomization));
                    }
                }
            }
        }
        assertThat(experiments).hasSizeGreaterThan(12);
        return experiments;
    }

    /** JSON patches that add a field, as the shipped ones do. */
    private static JsonNode patched(Path base, JsonNode kustomization) throws IOException {
        JsonNode experiment = YAML.readTree(base.toFile());
        for (JsonNode patches : kustomization.get("patches")) {
            for (JsonNode patch : YAML.readTree(patches.get("patch").textValue())) {
                assertThat(patch.get("op").textValue()).isEqualTo("add");
                JsonPointer path = JsonPointer.valueOf(patch.get("path").textValue());
                ((ObjectNode) experiment.at(path.head())).set(path.last().getMatchingProperty(), patch.get("value"));
            }
        }
        return experiment;
    }

    /** Task and key, in the order of the data; raw data and digests stand for themselves. */
    private static List<String> keys(Experiment experiment) {
        Map<String, Manifest> committed = new HashMap<>();
        Map<String, String> fingerprints = Map.of(
                Task.PREPARE_IMAGENET,
                "imagenet listing",
                Task.PREPARE_VOC,
                "voc listing",
                Task.WEIGHTS,
                "file listing");
        while (true) {
            List<PlannedTask> tasks = Plan.decide(
                            experiment, new PlanInput(fingerprints, committed, Map.of(), Map.of()), Instant.EPOCH)
                    .tasks();
            if (tasks.stream().allMatch(task -> task.manifest().isPresent())) {
                List<String> lines = new ArrayList<>();
                tasks.forEach(
                        task -> lines.add(task.task().name() + " " + task.key().orElseThrow()));
                return lines;
            }
            tasks.forEach(task -> task.key().ifPresent(key -> committed.put(key, Commits.of(task))));
        }
    }
}
