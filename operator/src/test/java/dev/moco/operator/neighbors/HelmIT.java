package dev.moco.operator.neighbors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.localcluster.TestCluster;
import dev.moco.operator.manifests.ManifestFiles;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The chart, read by Helm itself. */
@Tag("neighbor")
class HelmIT {
    private static final String CHART = ManifestFiles.ROOT.resolve("chart").toString();
    private static final String PINNED = "registry.example/moco@sha256:" + "0".repeat(64);

    /** Kustomize writes 30 for 30.0. */
    private static final Comparator<JsonNode> NUMBERS = (one, other) -> one.isNumber() && other.isNumber()
            ? one.decimalValue().compareTo(other.decimalValue())
            : one.equals(other) ? 0 : 1;

    private static String helm;

    @BeforeAll
    static void build() throws Exception {
        helm = GoModule.of("helm", "helm.sh/helm/v4/cmd/helm").build().toString();
    }

    @Test
    void theChartHasNoFault() throws Exception {
        assertThat(helm("lint", "--strict", CHART)).contains("1 chart(s) linted, 0 chart(s) failed");
    }

    @Test
    void theDefaultsAreTheObjectsOfTheOverlay() throws Exception {
        Map<String, JsonNode> chart = byName(helm("template", "moco", CHART, "-n", "moco-system", "--include-crds"));
        Map<String, JsonNode> overlay = byName(Command.of(
                        TestCluster.program().toString(),
                        "kubectl",
                        "kustomize",
                        ManifestFiles.ROOT.resolve("overlays/cluster").toString())
                .output());
        // Helm creates the namespace itself: --create-namespace.
        assertThat(overlay.remove("Namespace /moco-system")).isNotNull();
        assertThat(chart.keySet()).isEqualTo(overlay.keySet());
        overlay.forEach((name, object) -> assertThat(object.equals(NUMBERS, chart.get(name)))
                .as("%s is %s, expected %s", name, chart.get(name), object)
                .isTrue());
    }

    /** Objects by kind, namespace and name. */
    private static Map<String, JsonNode> byName(String text) {
        Map<String, JsonNode> objects = new TreeMap<>();
        for (JsonNode object : ManifestFiles.documents(text)) {
            String name = object.path("kind").asText() + " "
                    + object.at("/metadata/namespace").asText() + "/"
                    + object.at("/metadata/name").asText();
            assertThat(objects.put(name, object)).as(name).isNull();
        }
        return objects;
    }

    @Test
    void valuesReachTheirPlaces() throws Exception {
        Map<String, JsonNode> objects = byName(helm(
                "template",
                "moco",
                CHART,
                "-n",
                "research",
                "--set",
                "image=" + PINNED + ",stageImage=registry.example/stages:1,replicas=2,people=false,networkPolicy=false",
                "--set",
                "extraArgs={--namespace=research,--data-root=/data},secrets={moco-s3,team-b}",
                "--set",
                "store.MOCO_STORE=s3://experiments/moco,resources.limits.memory=1Gi"));
        assertThat(objects.keySet())
                .containsExactly(
                        "ClusterRole /moco-operator",
                        "ClusterRoleBinding /moco-operator",
                        "ConfigMap research/moco-operator-store",
                        "Deployment research/moco-operator",
                        "Role research/moco-operator-lease",
                        "RoleBinding research/moco-operator-lease",
                        "ServiceAccount research/moco-operator");
        JsonNode deployment = Objects.requireNonNull(objects.get("Deployment research/moco-operator"));
        JsonNode container = deployment.at("/spec/template/spec/containers/0");
        assertThat(deployment.at("/spec/replicas").asInt()).isEqualTo(2);
        assertThat(container.path("image").asText()).isEqualTo(PINNED);
        assertThat(container.path("env").findValuesAsText("value")).containsExactly("registry.example/stages:1");
        assertThat(container.path("args"))
                .extracting(JsonNode::asText)
                .endsWith("--metrics-address=0.0.0.0:8080", "--namespace=research", "--data-root=/data");
        assertThat(container.at("/resources/limits/memory").asText()).isEqualTo("1Gi");
        assertThat(Objects.requireNonNull(objects.get("ConfigMap research/moco-operator-store"))
                        .at("/data/MOCO_STORE")
                        .asText())
                .isEqualTo("s3://experiments/moco");
        assertThat(Objects.requireNonNull(objects.get("ClusterRole /moco-operator"))
                        .findPath("resourceNames"))
                .extracting(JsonNode::asText)
                .containsExactly("moco-s3", "team-b");
    }

    @Test
    void anUnknownValueIsRefused() throws Exception {
        Command.Ended refused = Command.of(helm, "template", "moco", CHART, "--set", "imagee=other")
                .run();
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.err()).contains("imagee");
    }

    @Test
    void aReleaseIsInstalledUpgradedAndRemoved() throws Exception {
        try (TestCluster cluster = TestCluster.own()) {
            String kubeconfig = "--kubeconfig=" + cluster.kubeconfig();
            helm("install", "moco", CHART, "-n", "moco-system", "--create-namespace", kubeconfig);
            assertThat(replicas(cluster)).isEqualTo("1");
            helm("upgrade", "moco", CHART, "-n", "moco-system", "--set", "replicas=2", kubeconfig);
            assertThat(replicas(cluster)).isEqualTo("2");
            helm("uninstall", "moco", "-n", "moco-system", kubeconfig);
            assertThat(cluster.kubectl("get", "deployments", "-n", "moco-system", "-o", "name")
                            .orFail()
                            .out())
                    .isEmpty();
            // Experiments outlive the release.
            cluster.kubectl("get", "crd", "mocoexperiments.moco.dev").orFail();
        }
    }

    private static String replicas(TestCluster cluster) throws Exception {
        return cluster.kubectl(
                        "get", "deployment", "moco-operator", "-n", "moco-system", "-o", "jsonpath={.spec.replicas}")
                .orFail()
                .out();
    }

    private static String helm(String... arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of(helm));
        words.addAll(List.of(arguments));
        return Command.of(words.toArray(String[]::new)).output();
    }
}
