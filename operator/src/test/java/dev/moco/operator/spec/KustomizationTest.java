package dev.moco.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KustomizationTest {
    private static final Path PIPELINES = Path.of("..", "pipelines");

    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"table1", "table2", "table3", "temperature"})
    void everyPipelineIsRenderedWithoutKubectl(String name) throws IOException {
        assertThat(Kustomization.documents(PIPELINES.resolve(name)).orElseThrow())
                .extracting(tree -> tree.at("/metadata/name").asText())
                .isNotEmpty()
                .doesNotHaveDuplicates();
    }

    @Test
    void resourcesArePatchedThenNamed() throws IOException {
        write("base/Kustomization", "kind: Kustomization\nresources: [x.yaml, other.yaml]\nnamePrefix: a-\n");
        write("base/x.yaml", "kind: MoCoExperiment\nmetadata: {name: x, labels: {}}\nspec: {pretrain: {mlp: true}}\n");
        write("base/other.yaml", "kind: Secret\nmetadata: {name: y}\n");
        write("Kustomization", """
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                resources: [base]
                nameSuffix: -hot
                patches:
                  - target: {kind: MoCoExperiment}
                    patch: |-
                      - {op: add, path: /spec/pretrain/temperature, value: 0.5}
                      - {op: replace, path: /spec/pretrain/mlp, value: false}
                      - {op: add, path: /metadata/labels/moco.dev~1row, value: x}
                """);
        List<JsonNode> documents = Kustomization.documents(folder).orElseThrow();
        assertThat(documents).extracting(JsonNode::toString).containsExactly("""
                        {"kind":"MoCoExperiment","metadata":{"name":"a-x-hot","labels":{"moco.dev/row":"x"}},\
                        "spec":{"pretrain":{"mlp":false,"temperature":0.5}}}""", """
                        {"kind":"Secret","metadata":{"name":"a-y-hot"}}""");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "resources: [x.yaml]\ncommonLabels: {a: b}\n",
                "resources: ['https://example.com/x']\n",
                "resources: [none.yaml]\n",
                "resources: [.]\n",
                "resources: [x.yaml]\npatches: [{path: patch.yaml}]\n",
                "resources: [x.yaml]\npatches: [{target: {kind: A, name: x}, patch: '[]'}]\n",
                "resources: [x.yaml]\npatches: [{target: {kind: A}, patch: '{metadata: {name: x}}'}]\n",
                "resources: [x.yaml]\npatches: [{target: {kind: A}, patch: '[{op: move, path: /spec/a}]'}]\n",
                "resources: [x.yaml]\npatches: [{target: {kind: A}, patch: '[{op: add, path: /none/a, value: 1}]'}]\n",
                "resources: [x.yaml]\npatches: [{target: {kind: A}, patch: '[{op: replace, path: /spec/b, value: 1}]'}]\n"
            })
    void whateverElseIsForKubectl(String text) throws IOException {
        write("Kustomization", text);
        write("x.yaml", "kind: A\nmetadata: {name: x}\nspec: {a: 1}\n");
        assertThat(Kustomization.documents(folder)).isEqualTo(Optional.empty());
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
