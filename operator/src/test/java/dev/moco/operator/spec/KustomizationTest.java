package dev.moco.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KustomizationTest {
    private static final Path PIPELINES = Path.of("..", "pipelines");

    @TempDir
    Path folder;

    private Path inside;

    @BeforeEach
    void create() throws IOException {
        inside = Files.createDirectories(folder.resolve("inside"));
    }

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
        List<JsonNode> documents = Kustomization.documents(inside).orElseThrow();
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
                "resources: [../x.yaml]\n",
                "resources: [linked.yaml]\n",
                "resources: [\"a\\0.yaml\"]\n",
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
        Files.copy(inside.resolve("x.yaml"), folder.resolve("x.yaml"));
        Files.createSymbolicLink(inside.resolve("linked.yaml"), folder.resolve("x.yaml"));
        assertThat(Kustomization.documents(inside)).isEqualTo(Optional.empty());
    }

    @Test
    @Timeout(10)
    void foldersThatRepeatEachOtherAreForKubectl() throws IOException {
        for (int i = 0; i < 12; i++) {
            String next = "../" + (i + 1);
            write(i + "/Kustomization", "resources: [" + String.join(", ", Collections.nCopies(12, next)) + "]\n");
        }
        write("12/Kustomization", "resources: []\n");
        assertThat(Kustomization.documents(inside.resolve("0"))).isEmpty();
    }

    private void write(String name, String text) throws IOException {
        Path file = inside.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
