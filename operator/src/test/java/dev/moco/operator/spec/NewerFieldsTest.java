package dev.moco.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.contract.StageFailure;
import dev.moco.operator.api.MoCoExperiment;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An older operator under a newer definition: fields that it does not know survive binding and cloning, and are refused. */
class NewerFieldsTest {
    private static final KubernetesSerialization CLIENT = new KubernetesSerialization();
    private static final String RESOURCE = """
            apiVersion: moco.dev/v1alpha1
            kind: MoCoExperiment
            metadata: {name: x, namespace: lab, labels: {a: b}}
            spec:
              data: {imagenet: s3://datasets/imagenet, voc: s3://datasets/voc}
              pretrain: {knn: {every: 1}}
              linear: {}
              detection: {}
              storage: {bucket: mine}
              scheduling: {tolerations: [{key: gpu}]}
              resources: {pretrain: {cpu: 1}}
              retention: {checkpoints: {}}
              timeouts: {}
              failurePolicy: {}
              gates: {}
            """;

    @ParameterizedTest(name = "spec{0}.newer")
    @ValueSource(
            strings = {
                "",
                "/data",
                "/pretrain",
                "/pretrain/knn",
                "/linear",
                "/detection",
                "/storage",
                "/scheduling",
                "/scheduling/tolerations/0",
                "/resources",
                "/resources/pretrain",
                "/retention",
                "/retention/checkpoints",
                "/timeouts",
                "/failurePolicy",
                "/gates"
            })
    void aFieldThatTheOperatorDoesNotKnowIsRefused(String where) throws IOException {
        JsonNode tree = new YAMLMapper().readTree(RESOURCE);
        ((ObjectNode) tree.at("/spec" + where)).put("newer", 1);
        MoCoExperiment bound = CLIENT.clone(CLIENT.unmarshal(tree.toString(), MoCoExperiment.class));
        assertThat(CLIENT.asJson(bound)).contains("\"newer\":1");
        String path = "spec" + where.replaceAll("/([0-9]+)", "[$1]").replace('/', '.');
        assertThatThrownBy(() -> ExperimentReader.read(bound, Optional.empty()))
                .isInstanceOf(StageFailure.class)
                .hasMessageContaining(path)
                .hasMessageContaining("newer");
    }
}
