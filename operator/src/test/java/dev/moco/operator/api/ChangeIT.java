package dev.moco.operator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.localcluster.TestCluster.KubectlResult;
import dev.moco.operator.spec.ExperimentReader;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of a stored resource that a real API server refuses. */
class ChangeIT {
    private static CrdCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = CrdCluster.start();
        for (String method : List.of("MoCo", "EndToEnd", "SimCLR", "Supervised")) {
            ObjectNode resource = Schema.everyField(method);
            ((ObjectNode) resource.get("metadata")).put("name", name(method));
            cluster.apply(resource.toString()).orFail();
        }
    }

    private static String name(String method) {
        return "full-" + method.toLowerCase(Locale.ROOT);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("changes")
    void aChangeOfAResultDefiningFieldIsRefused(String change, String message) throws Exception {
        KubectlResult kubectl = patch(name("MoCo"), "{spec: {" + change + "}}");
        assertThat(kubectl.exitCode()).as(kubectl.out()).isEqualTo(1);
        assertThat(kubectl.err()).contains(message);
    }

    static String[][] changes() {
        return new String[][] {
            {
                "pretrain: {temperature: 0.3}",
                "spec.pretrain.temperature: Invalid value: 0.3: cannot be changed from 0.2 to 0.3."
                        + " It defines the result: create another resource; what both share is computed once"
            },
            {
                "pretrain: {knn: {everyEpochs: 5}}",
                "spec.pretrain.knn.everyEpochs: Invalid value: 5: cannot be changed from 10 to 5. It is fixed for the"
                        + " life of a resource, and a committed pre-training keeps the metrics of its first run: create"
                        + " another resource; what both share is computed once"
            },
            {
                "pretrain: {milestones: null}",
                "spec.pretrain.milestones: Invalid value: cannot be taken away, it was [30, 60]."
                        + " It defines the result: create another resource; what both share is computed once"
            },
            {
                "data: {imagenet: \"s3://other\"}",
                "spec.data.imagenet: Invalid value: \"s3://other\": cannot be changed from"
                        + " s3://raw/imagenet to s3://other. It defines the result: create another resource;"
                        + " what both share is computed once"
            },
            {
                "detection: {trials: 3}",
                "spec.detection.trials: Invalid value: 3: cannot be changed from 5 to 3. It defines"
                        + " the result: create another resource; what both share is computed once"
            },
            {
                "storage: {bucket: other}",
                "spec.storage.bucket: Invalid value: \"other\": cannot be changed from results to"
                        + " other. It says where results lie: create another resource; what both share is"
                        + " computed once"
            },
            {
                "storage: null",
                "spec.storage: Invalid value: cannot be taken away, it was bucket results. It says"
                        + " where results lie: create another resource"
            },
        };
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"MoCo", "EndToEnd", "SimCLR", "Supervised"})
    void everyResultDefiningFieldIsImmutable(String method) throws Exception {
        JsonNode stored = stored(name(method));
        ObjectNode changes = new JsonMapper().createObjectNode();
        List<String> expected = new ArrayList<>();
        for (String path : Schema.leaves()) {
            JsonNode value = stored.at("/" + path.replace('.', '/'));
            if (path.matches(
                            "spec\\.(data|pretrain\\.(?!from)|linear|detection)\\.?.*|spec\\.storage\\.(bucket|prefix|endpoint)")
                    && !value.isMissingNode()) {
                expected.add(path);
                put(changes, path, other(Schema.at(path), value));
            }
        }
        KubectlResult kubectl = patch(name(method), changes.toString());
        assertThat(kubectl.exitCode()).isEqualTo(1);
        assertThat(expected).hasSizeGreaterThan(50);
        assertThat(expected)
                .allSatisfy(path -> assertThat(kubectl.err())
                        .containsPattern(Pattern.quote(path)
                                + ": Invalid value: .*cannot be changed from .* to .*: create another"));
    }

    /** Before defaults depended on the method, those of MoCo were stored, and files do not name them. */
    @Test
    void aStoredDefaultOfMoCoMayBeLeftOut() throws Exception {
        ObjectNode filled = Schema.complete("MoCo");
        ((ObjectNode) filled.get("metadata")).put("name", "filled");
        cluster.apply(filled.toString()).orFail();
        String file = CrdCluster.MINIMAL.replace("name: x", "name: filled");
        assertThat(replace(file).err()).isEmpty();
        assertThat(replace(file + "  pretrain: {temperature: 0.1}\n").err())
                .contains("spec.pretrain.temperature: Invalid value: 0.1: cannot be changed from 0.2 to 0.1.");

        ObjectNode beside = Schema.complete("MoCo");
        ((ObjectNode) beside.get("spec")).putObject("encoder").put("from", "s3://raw/v2.pth.tar");
        ((ObjectNode) beside.get("metadata")).put("name", "beside");
        cluster.apply(beside.toString()).orFail();

        String own = CrdCluster.MINIMAL.replace("name: x", "name: own");
        cluster.apply(own + "  pretrain: {temperature: 0.1}\n  linear: {epochs: 90}\n")
                .orFail();
        assertThat(replace(own).err())
                .contains(
                        "spec.pretrain.temperature: Invalid value: cannot be taken away, it was 0.1. It defines the result:",
                        "spec.linear.epochs: Invalid value: cannot be taken away, it was 90. It defines the result:");
    }

    private static KubectlResult replace(String file) throws Exception {
        return cluster.kubectlWithInput(file, "replace", "--dry-run=server", "-f", "-");
    }

    @Test
    void anAbsentResultDefiningFieldCannotBeAdded() throws Exception {
        cluster.apply(CrdCluster.MINIMAL.replace("name: x", "name: late")).orFail();
        assertThat(patch("late", "{spec: {storage: {bucket: late}, linear: {seed: 7}}}")
                        .err())
                .contains(
                        "spec.storage: Invalid value: cannot be added, found bucket late. It says where results lie:",
                        "spec.linear.seed: Invalid value: cannot be added, found 7. It defines the result:");
    }

    @Test
    void weightsCannotBeAddedOrChanged() throws Exception {
        cluster.apply(CrdCluster.MINIMAL.replace("name: x", "name: random")).orFail();
        assertThat(patch("random", "{spec: {encoder: {from: s3://raw/a}}}").err())
                .contains("spec.encoder: Invalid value: cannot be added, found s3://raw/a. It defines the result:");
        assertThat(patch("random", "{spec: {pretrain: {from: {file: s3://raw/a}}}}")
                        .err())
                .contains(
                        "spec.pretrain.from: Invalid value: cannot be added, found s3://raw/a. It defines the result:");
        cluster.apply(CrdCluster.MINIMAL.replace("name: x", "name: read") + "  encoder: {from: s3://raw/a}\n")
                .orFail();
        assertThat(patch("read", "{spec: {encoder: {from: s3://raw/b}}}").err())
                .contains(
                        "spec.encoder.from: Invalid value: \"s3://raw/b\": cannot be changed from s3://raw/a to s3://raw/b.");
        assertThat(patch("read", "{spec: {encoder: null}}").err())
                .contains("spec.encoder: Invalid value: cannot be taken away, it was s3://raw/a.");
    }

    @Test
    void policyMayChangeAndCancelIsFinal() throws Exception {
        cluster.apply(CrdCluster.MINIMAL.replace("name: x", "name: policy") + "  storage: {bucket: results}\n")
                .orFail();
        cluster.kubectl("patch", "moco", "policy", "--type=merge", "-p", CrdCluster.json("""
                        {spec: {suspend: true, cancel: true, retryToken: again, failurePolicy: {retries: 0},
                                timeouts: {activeHours: 1}, scheduling: {queueName: gpus}, retention: {jobsTtlSeconds: 0},
                                resources: {accelerator: None}, gates: {dataWaitShare: 1},
                                storage: {credentialsSecret: other, region: eu-west-1}}}
                        """))
                .orFail();
        KubectlResult kubectl = patch("policy", "{spec: {cancel: false}}");
        assertThat(kubectl.err())
                .contains("spec.cancel: Invalid value: false: cannot be taken back from true to false. Create another"
                        + " resource; what was committed is found again");
    }

    /** A resource stored under a definition without the new names. */
    @Test
    void aStoredOldNameIsRefusedUntilItIsRenamed() throws Exception {
        JsonNode without = new YAMLMapper().readTree(CrdTest.FILE.toFile());
        for (JsonNode rules : without.findValues("x-kubernetes-validations")) {
            ((ArrayNode) rules).removeIf(rule -> rule.toString().contains("was renamed"));
        }
        cluster.define(without.toString());
        String old = CrdCluster.MINIMAL.replace("name: x", "name: old")
                + "  pretrain: {gpus: 2, knn: {neighbours: 20}}\n  detection: {gpus: 4}\n";
        await().atMost(Duration.ofMinutes(10))
                .untilAsserted(() -> assertThat(cluster.apply(old).err()).isEmpty());
        cluster.define(Files.readString(CrdTest.FILE));
        await().atMost(Duration.ofMinutes(10))
                .untilAsserted(() -> assertThat(cluster.apply(old.replace("name: old", "name: new"), "--dry-run=server")
                                .err())
                        .contains("spec.pretrain.gpus: Invalid value: was renamed: use ranks, found 2"));

        assertThat(patch("old", "{spec: {suspend: true}}").err())
                .contains(
                        "spec.pretrain.gpus: Invalid value: was renamed: use ranks, found 2",
                        "spec.pretrain.knn.neighbours: Invalid value: was renamed: use neighbors, found 20",
                        "spec.detection.gpus: Invalid value: was renamed: use ranks, found 4");
        // Without the new name, its default would replace the value of the old name.
        assertThat(patch("old", "{spec: {pretrain: {gpus: null}}}").err())
                .contains("spec.pretrain.ranks: Invalid value: cannot be changed from 2 to 8. It defines the result:");
        // The operator can report the problem, and the resource can be labeled and deleted.
        cluster.kubectl(
                        "patch",
                        "moco",
                        "old",
                        "--subresource=status",
                        "--type=merge",
                        "-p",
                        CrdCluster.json("{status: {retryToken: a}}"))
                .orFail();
        cluster.kubectl("label", "moco", "old", "a=b").orFail();
        MoCoExperiment stored = new KubernetesSerialization()
                .unmarshal(
                        cluster.kubectl("get", "moco", "old", "-o", "json")
                                .orFail()
                                .out(),
                        MoCoExperiment.class);
        assertThatThrownBy(() -> ExperimentReader.read(stored, Optional.empty()))
                .hasMessageContainingAll(
                        "spec.pretrain.gpus was renamed: use ranks, found 2",
                        "spec.pretrain.knn.neighbours was renamed: use neighbors, found 20",
                        "spec.detection.gpus was renamed: use ranks, found 4");
        assertThat(patch(
                                "old",
                                "{spec: {pretrain: {gpus: null, ranks: 2, knn: {neighbours: null, neighbors: 20}},"
                                        + " detection: {gpus: null, ranks: 4}}}")
                        .orFail()
                        .exitCode())
                .isZero();
    }

    private static void put(ObjectNode changes, String path, JsonNode value) {
        ObjectNode at = changes;
        String[] names = path.split("\\.", -1);
        for (int i = 0; i < names.length - 1; i++) {
            at = at.withObject("/" + names[i]);
        }
        at.set(names[names.length - 1], value);
    }

    /** Another value that the schema allows. */
    private static JsonNode other(JsonNode schema, JsonNode value) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (schema.has("enum")) {
            return schema.get("enum")
                    .valueStream()
                    .filter(choice -> !choice.equals(value))
                    .findFirst()
                    .orElseThrow();
        }
        return switch (schema.get("type").asText()) {
            case "boolean" -> nodes.booleanNode(!value.booleanValue());
            case "integer" -> nodes.numberNode(value.longValue() + 1);
            case "number" -> nodes.numberNode(value.doubleValue() == 0 ? 0.5 : value.doubleValue() / 2);
            case "array" -> nodes.arrayNode().add(value.get(0));
            default -> nodes.textNode(value.asText() + "x");
        };
    }

    private static JsonNode stored(String name) throws Exception {
        return new JsonMapper()
                .readTree(cluster.kubectl("get", "moco", name, "-o", "json")
                        .orFail()
                        .out());
    }

    private static KubectlResult patch(String name, String change) throws Exception {
        return cluster.kubectl(
                "patch", "moco", name, "--type=merge", "--dry-run=server", "-p", CrdCluster.json(change));
    }
}
