package dev.moco.operator.manifests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.localcluster.TestCluster;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Plan;
import dev.moco.operator.plan.PlanInput;
import dev.moco.operator.spec.ExperimentReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The manifests, read by a real API server and the real kubectl with its Kustomize. */
class ManifestsIT {
    private static TestCluster cluster;

    @BeforeAll
    static void theResourceTypeIsInstalled() throws Exception {
        cluster = TestCluster.get();
        kubectl("apply", "-k", path("manifests/crd"));
        kubectl("wait", "--for=condition=Established", "crd/mocoexperiments.moco.dev", "--timeout=600s");
        for (String namespace : List.of("moco-system", "experiments")) {
            cluster.kubectl("create", "namespace", namespace);
            kubectl("label", "--overwrite", "namespace", namespace, "pod-security.kubernetes.io/warn=restricted");
        }
    }

    @ParameterizedTest(name = "overlays/{0}")
    @ValueSource(strings = {"cluster", "namespace", "local"})
    void anOverlayIsAccepted(String overlay) throws Exception {
        TestCluster.KubectlResult applied = cluster.kubectl(
                        "apply", "--dry-run=server", "--validate=strict", "-k", path("manifests/overlays/" + overlay))
                .orFail();
        assertThat(applied.out()).contains("deployment.apps/moco-operator");
        // The namespace is labeled to warn about violations of the restricted standard.
        assertThat(applied.err()).doesNotContain("would violate PodSecurity");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "examples/store/store.yaml",
                "examples/network-policy/stages.yaml",
                "examples/admission/experiments.yaml"
            })
    void anExampleIsAccepted(String file) throws Exception {
        dryRun("-f", path("manifests/" + file));
    }

    @ParameterizedTest(name = "{0} has {1} objects")
    @CsvSource({"examples/kueue, 11", "monitoring, 3"})
    void manifestsForOptionalResourceTypesBuild(String folder, int objects) throws Exception {
        assertThat(build("manifests/" + folder)).hasSize(objects);
    }

    @Test
    void theOperatorOfOneNamespaceHasNoRightOutsideIt() throws Exception {
        List<JsonNode> objects = build("manifests/overlays/namespace");
        assertThat(kinds(objects))
                .containsExactlyInAnyOrder("ServiceAccount", "Role", "RoleBinding", "Deployment", "NetworkPolicy");
        assertThat(objects)
                .allSatisfy(object ->
                        assertThat(object.at("/metadata/namespace").asText()).isEqualTo("experiments"));
        assertThat(objects)
                .filteredOn(object -> object.path("kind").asText().equals("RoleBinding"))
                .allSatisfy(binding -> {
                    assertThat(binding.at("/roleRef/kind").asText()).isEqualTo("Role");
                    assertThat(binding.at("/subjects/0/namespace").asText()).isEqualTo("experiments");
                });
        assertThat(objects.toString()).contains("--namespace=$(POD_NAMESPACE)").doesNotContain("moco-system");
    }

    @Test
    void theOperatorOfAClusterHasItsRightsEverywhere() throws Exception {
        assertThat(kinds(build("manifests/overlays/cluster")))
                .containsExactlyInAnyOrder(
                        "Namespace",
                        "CustomResourceDefinition",
                        "ServiceAccount",
                        "ClusterRole",
                        "ClusterRoleBinding",
                        "Role",
                        "RoleBinding",
                        "Deployment",
                        "NetworkPolicy");
    }

    @Test
    void theLocalOperatorListensOnLoopbackOnly() throws Exception {
        JsonNode container = build("manifests/overlays/local").stream()
                .filter(object -> object.path("kind").asText().equals("Deployment"))
                .findFirst()
                .orElseThrow()
                .at("/spec/template/spec/containers/0");
        assertThat(container.path("args"))
                .extracting(JsonNode::asText)
                .filteredOn(argument -> argument.contains("-address="))
                .containsExactly("--health-address=127.0.0.1:8081", "--metrics-address=127.0.0.1:8080");
    }

    @ParameterizedTest(name = "overlays/{0}")
    @ValueSource(strings = {"cluster", "namespace", "local"})
    void theOperatorsPodIsAdmittedUnderTheRestrictedStandard(String overlay) throws Exception {
        String namespace = cluster.namespace("restricted");
        kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted");
        String own = build("manifests/overlays/" + overlay).stream()
                .filter(object -> Set.of("ServiceAccount", "Deployment")
                        .contains(object.path("kind").asText()))
                .map(object -> object.toString()
                        .replaceAll("\"namespace\":\"[a-z-]+\"", "\"namespace\":\"" + namespace + "\""))
                .collect(Collectors.joining("\n---\n"));
        cluster.kubectlWithInput(own, "apply", "-f", "-").orFail();
        try {
            await().atMost(Duration.ofMinutes(10))
                    .untilAsserted(() -> assertThat(kubectl("get", "pods", "-n", namespace, "-o", "name"))
                            .startsWith("pod/moco-operator-"));
        } finally {
            kubectl("delete", "namespace", namespace, "--wait=false");
        }
    }

    @Test
    void theRolesViewAndEditOfANamespaceIncludeItsExperiments() throws Exception {
        String namespace = cluster.namespace("people");
        kubectl("apply", "-k", path("manifests/rbac/people"));
        for (String person : List.of("view", "edit")) {
            kubectl("create", "serviceaccount", person, "-n", namespace);
            kubectl(
                    "create",
                    "rolebinding",
                    person,
                    "--clusterrole=" + person,
                    "--serviceaccount=" + namespace + ":" + person,
                    "-n",
                    namespace);
        }
        await().atMost(Duration.ofMinutes(10)).until(() -> may(namespace, "edit", "create", "mocoexperiments"));
        await().atMost(Duration.ofMinutes(10)).until(() -> may(namespace, "view", "watch", "mocoexperiments"));
        assertThat(may(namespace, "edit", "list", "mocoexperiments")).isTrue();
        assertThat(may(namespace, "edit", "update", "mocoexperiments", "--subresource=status"))
                .isFalse();
        assertThat(may(namespace, "view", "create", "mocoexperiments")).isFalse();
    }

    @Test
    void imagesAndAccountsOfExperimentsCanBeLimited() throws Exception {
        String namespace = cluster.namespace("limited");
        kubectl("label", "namespace", namespace, "moco.dev/limited=true");
        kubectl("apply", "-f", path("manifests/examples/admission/experiments.yaml"));
        try {
            // The API server applies a new policy shortly after it is stored.
            await().atMost(Duration.ofMinutes(10))
                    .untilAsserted(() -> assertThat(create(namespace, "resources: {image: evil.example/stages}"))
                            .contains("spec.resources.image must begin with one of [\"registry.example/moco-stages:\","
                                    + " \"registry.example/moco-stages@\"], found evil.example/stages"));
            assertThat(create(namespace, "storage: {bucket: results, serviceAccountName: admin}"))
                    .contains(
                            "spec.storage.serviceAccountName must be one of [\"default\", \"moco-stages\"], found admin");
            assertThat(create(namespace, "storage: {bucket: results, credentialsSecret: database}"))
                    .contains("spec.storage.credentialsSecret must be one of [\"moco-s3\"], found database");
            assertThat(create(namespace, "storage: {bucket: results, endpoint: \"http://10.0.0.1\"}"))
                    .contains(
                            "spec.storage.endpoint must be one of [\"https://s3.example.com\"], found http://10.0.0.1");
            assertThat(create(namespace, "resources: {image: registry.example/moco-stages:0.1.0}"))
                    .isEmpty();
            assertThat(create(namespace, "retryToken: a")).isEmpty();
            assertThat(create(cluster.namespace("free"), "resources: {image: evil.example/stages}"))
                    .isEmpty();
        } finally {
            kubectl("delete", "-f", path("manifests/examples/admission/experiments.yaml"));
        }
    }

    /** The message of a refusal to create an experiment with a field; empty if it is admitted. */
    private static String create(String namespace, String field) throws Exception {
        return cluster.kubectlWithInput("""
                        apiVersion: moco.dev/v1alpha1
                        kind: MoCoExperiment
                        metadata: {name: x}
                        spec:
                          data: {imagenet: s3://raw/imagenet, voc: s3://raw/voc}
                          %s
                        """.formatted(field), "apply", "--dry-run=server", "-n", namespace, "-f", "-")
                .err();
    }

    @Test
    void theRowsOfTable1ArePlainFiles() throws Exception {
        // kubectl ignores its Kustomization, since the name has no
        // extension.
        assertThat(dryRun("-f", path("pipelines/table1"), "-n", "experiments").lines())
                .hasSize(7);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"table1, 7", "table2, 6", "table3, 3", "temperature, 12"})
    void everyRowOfATableIsBuiltAcceptedReadAndPlanned(String table, int count) throws Exception {
        String folder = "pipelines/" + table;
        assertThat(dryRun("-k", path(folder), "-n", "experiments").lines()).hasSize(count);
        List<JsonNode> rows = build(folder);
        assertThat(rows).hasSize(count);
        for (JsonNode row : rows) {
            assertThat(row.at("/metadata/labels/moco.dev~1table").asText()).isEqualTo(table.replace("table", ""));
            String label = row.at("/metadata/labels/moco.dev~1row").asText();
            assertThat(row.at("/metadata/name").asText()).isEqualTo(table + "-" + label.replace('.', '-'));
            Decision decision = Plan.decide(
                    ExperimentReader.read(row, Optional.empty()).experiment(),
                    new PlanInput(Map.of(), Map.of(), Map.of(), Map.of()),
                    Instant.EPOCH);
            assertThat(decision.tasks())
                    .extracting(task -> task.task().name())
                    .contains("prepare-imagenet", "pretrain");
        }
    }

    @Test
    void theTemperatureTableIsRowAOfTable1WithOtherTemperatures() throws Exception {
        JsonNode rowA = ManifestFiles.documents(ManifestFiles.ROOT.resolve("../pipelines/table1/a.yaml"))
                .get(0);
        for (JsonNode row : build("pipelines/temperature")) {
            String label = row.at("/metadata/labels/moco.dev~1row").asText();
            assertThat(row.at("/spec/pretrain/temperature").asText()).isEqualTo(label.replace("-fc", ""));
            assertThat(row.at("/spec/pretrain").has("mlp")).isEqualTo(label.endsWith("-fc"));
            assertThat(row.at("/spec/pretrain/mlp").asBoolean(true)).isEqualTo(!label.endsWith("-fc"));
            assertThat(row.at("/spec/pretrain/augPlus")).isEqualTo(rowA.at("/spec/pretrain/augPlus"));
            assertThat(row.at("/spec/pretrain/schedule")).isEqualTo(rowA.at("/spec/pretrain/schedule"));
            assertThat(row.at("/spec/pretrain")).hasSize(label.endsWith("-fc") ? 4 : 3);
            assertThat(row.at("/spec/data/imagenet")).isEqualTo(rowA.at("/spec/data/imagenet"));
            assertThat(row.at("/spec/storage")).isEqualTo(rowA.at("/spec/storage"));
        }
    }

    @Test
    void anImagePinnedByDigestIsUsedByTheStages(@TempDir Path folder) throws Exception {
        // As in a user's own repository, which has the overlay as a base.
        Path manifests = folder.resolve("manifests");
        copy(ManifestFiles.ROOT, manifests);
        Path overlay = manifests.resolve("overlays/cluster");
        Path kustomization = overlay.resolve("kustomization.yaml");
        Files.writeString(
                kustomization,
                Files.readString(kustomization)
                        .replace(
                                "newTag: 0.1.0",
                                "newName: registry.example/moco\n    digest: sha256:" + "0".repeat(64)));
        String built = kubectl("kustomize", overlay.toString());
        String pinned = "registry.example/moco@sha256:" + "0".repeat(64);
        assertThat(built).contains("image: " + pinned, "value: " + pinned).doesNotContain(":0.1.0");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private static boolean may(String namespace, String person, String... what) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("auth", "can-i", "-n", namespace));
        arguments.add("--as=system:serviceaccount:" + namespace + ":" + person);
        arguments.addAll(List.of(what));
        return cluster.kubectl(arguments.toArray(String[]::new)).out().startsWith("yes");
    }

    private static String dryRun(String... arguments) throws Exception {
        String[] all = new String[arguments.length + 3];
        all[0] = "apply";
        all[1] = "--dry-run=server";
        all[2] = "--validate=strict";
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        return kubectl(all);
    }

    /** Objects that Kustomize builds from a folder. */
    private static List<JsonNode> build(String folder) throws Exception {
        return ManifestFiles.documents(kubectl("kustomize", path(folder)));
    }

    private static Set<String> kinds(List<JsonNode> objects) {
        return objects.stream().map(object -> object.path("kind").asText()).collect(Collectors.toSet());
    }

    private static String path(String folder) throws IOException {
        return TestCluster.home().resolve(folder).toString();
    }

    private static String kubectl(String... arguments) throws Exception {
        return cluster.kubectl(arguments).orFail().out();
    }
}
