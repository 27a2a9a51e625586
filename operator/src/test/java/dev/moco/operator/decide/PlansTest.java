package dev.moco.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.contract.StoreLocation;
import dev.moco.operator.jobs.AllowedBucket;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.OperatorConfig;
import dev.moco.operator.jobs.StoreRules;
import dev.moco.operator.spec.ExperimentReader;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Golden files of every folder of {@code plans/}: the Jobs of an experiment in the order of their creation, if each
 * succeeds. {@code operator.yaml} has the options of the operator and the tasks that were committed before. {@code
 * -Dmoco.plans=write} updates the files.
 */
class PlansTest {
    static final Path PLANS = Path.of("src/test/resources/plans");
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .build();

    static Stream<String> cases() throws IOException {
        try (Stream<Path> folders = Files.list(PLANS)) {
            return folders.map(folder -> folder.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void theJobsOfAnExperimentEqualTheGoldenFiles(String name) throws IOException {
        Path folder = PLANS.resolve(name);
        JsonNode operator = Files.exists(folder.resolve("operator.yaml"))
                ? YAML.readTree(Files.readString(folder.resolve("operator.yaml")))
                : YAML.createObjectNode();
        OperatorConfig config = config(operator);
        SimulatedCluster cluster = SimulatedCluster.of(
                config,
                ExperimentReader.read(
                        YAML.readTree(Files.readString(folder.resolve("experiment.yaml"))),
                        config.dataRoot().map(Path::of)));
        List<String> committed = new ArrayList<>();
        operator.path("committed").forEach(task -> committed.add(task.textValue()));

        String jobs = jobs(cluster, committed);

        Path expected = folder.resolve("jobs.yaml");
        if ("write".equals(System.getProperty("moco.plans"))) {
            Files.writeString(expected, jobs);
        }
        assertThat(jobs).isEqualTo(Files.readString(expected));
        assertThat(cluster.condition("Succeeded")).isEqualTo("True Succeeded");
    }

    private static String jobs(SimulatedCluster cluster, List<String> committed) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 20 && !cluster.condition("Succeeded").startsWith("True"); i++) {
            ReconcilePlan plan = ReconcilePlan.of(cluster.input());
            for (String task : committed) {
                if (cluster.planned(task).key().isPresent()) {
                    cluster.commit(task);
                }
            }
            for (Action.Create create : plan.creates()) {
                Job job = create.job();
                text.append(YAML.writeValueAsString(job));
                for (String label : job.getMetadata().getLabels().values()) {
                    assertThat(label).matches("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
                }
                assertThat(job.getMetadata().getName()).matches("[a-z]([-a-z0-9]{0,61}[a-z0-9])?");
            }
            cluster.reconcile();
            for (Action.Create create : plan.creates()) {
                JobLabels.keys(create.job()).keySet().forEach(cluster::commit);
                Pods.complete(
                        cluster.job(
                                JobLabels.keys(create.job()).keySet().iterator().next()),
                        cluster.shared.now);
            }
            cluster.answer(ReconcilePlan.of(cluster.input()));
        }
        return text.toString();
    }

    private static OperatorConfig config(JsonNode operator) {
        Optional<StoreLocation> store = text(operator, "store")
                .map(uri -> StoreLocation.of("store", uri))
                .map(aws -> new StoreLocation(
                        aws.bucket(),
                        aws.prefix(),
                        text(operator, "storeEndpoint").orElse(null),
                        null,
                        operator.has("storeEndpoint"),
                        true));
        List<AllowedBucket> allowed = new ArrayList<>();
        operator.path("allowBuckets").forEach(url -> allowed.add(new AllowedBucket(url.textValue())));
        return new OperatorConfig(
                SimulatedCluster.IMAGE,
                text(operator, "dataRoot"),
                text(operator, "dataClaim"),
                new StoreRules(store, text(operator, "storeSecret"), false, List.of(), allowed));
    }

    private static Optional<String> text(JsonNode node, String field) {
        return Optional.ofNullable(node.path(field).textValue());
    }
}
