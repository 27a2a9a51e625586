package dev.moco.operator.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ManifestsTest {
    private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();

    static List<Path> files() {
        return ManifestFiles.all().stream()
                // Prometheus' own format, and Kustomize's list of image fields.
                .filter(file -> !file.toString().matches(".*/(rules|rules-test|images)\\.yaml"))
                .toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void everyDocumentHasApiVersionAndKind(Path file) {
        assertThat(ManifestFiles.documents(file)).isNotEmpty().allSatisfy(document -> {
            assertThat(document.path("apiVersion").asText()).isNotEmpty();
            assertThat(document.path("kind").asText()).isNotEmpty();
        });
    }

    @Test
    void theOperatorHasTheseRightsAndNoOther() {
        ClusterRole role = KUBERNETES.unmarshal(
                ManifestFiles.documents(ManifestFiles.ROOT.resolve("rbac/operator.yaml"))
                        .get(0)
                        .toString(),
                ClusterRole.class);
        assertThat(rights(role.getRules()))
                .containsExactly(
                        "moco.dev/mocoexperiments: list, watch",
                        "moco.dev/mocoexperiments/status: update",
                        "batch/jobs: get, list, watch, create, patch, delete",
                        "/pods: list, watch",
                        "/pods/eviction: create",
                        "/events: create, list",
                        "/secrets [moco-s3]: get");
        Role lease = KUBERNETES.unmarshal(
                ManifestFiles.documents(ManifestFiles.ROOT.resolve("rbac/lease.yaml"))
                        .get(0)
                        .toString(),
                Role.class);
        assertThat(rights(lease.getRules()))
                .containsExactly(
                        "coordination.k8s.io/leases: create",
                        "coordination.k8s.io/leases [moco-operator]: get, update, patch");
    }

    private static List<String> rights(List<PolicyRule> rules) {
        List<String> rights = new ArrayList<>();
        for (PolicyRule rule : rules) {
            String names =
                    rule.getResourceNames().isEmpty() ? "" : " [" + String.join(", ", rule.getResourceNames()) + "]";
            rights.add(String.join(",", rule.getApiGroups()) + "/" + String.join(",", rule.getResources()) + names
                    + ": " + String.join(", ", rule.getVerbs()));
        }
        return rights;
    }

    @Test
    void theRolesOfPeopleAreAggregatedToViewAndEdit() {
        List<JsonNode> roles = ManifestFiles.documents(ManifestFiles.ROOT.resolve("rbac/people/roles.yaml"));
        assertThat(roles).hasSize(2);
        assertThat(aggregates(roles.get(0))).containsExactly("admin", "edit", "view");
        assertThat(aggregates(roles.get(1))).containsExactly("admin", "edit");
    }

    private static Stream<String> aggregates(JsonNode role) {
        List<String> to = new ArrayList<>();
        role.path("metadata").path("labels").fieldNames().forEachRemaining(label -> {
            String prefix = "rbac.authorization.k8s.io/aggregate-to-";
            assertThat(label).startsWith(prefix);
            to.add(label.substring(prefix.length()));
        });
        return to.stream().sorted();
    }

    @Test
    void theOperatorsPodIsRestricted() {
        assertThat(RestrictedPod.problems(operator())).isEmpty();
    }

    @Test
    void theStagesPodsAreRestricted() throws IOException {
        List<JsonNode> jobs;
        try (Stream<Path> files = Files.walk(Path.of("src/test/resources/plans"))) {
            jobs = files.filter(file -> file.endsWith("jobs.yaml"))
                    .flatMap(file -> ManifestFiles.documents(file).stream())
                    .toList();
        }
        assertThat(jobs).isNotEmpty().allSatisfy(job -> {
            PodSpec pod = KUBERNETES.unmarshal(job.at("/spec/template/spec").toString(), PodSpec.class);
            assertThat(RestrictedPod.problems(pod)).isEmpty();
            assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        });
    }

    @Test
    void theCheckOfPodsFindsViolations() {
        PodSpec pod = operator();
        pod.setHostNetwork(true);
        pod.getSecurityContext().setRunAsUser(0L);
        pod.getContainers().get(0).getSecurityContext().setAllowPrivilegeEscalation(null);
        assertThat(RestrictedPod.problems(pod))
                .containsExactly(
                        "shares a namespace of the host",
                        "container operator may escalate privileges",
                        "container operator has no user other than root");
    }

    @Test
    void stagesWithoutAGpuAreNotQueuedForNodesWithGpus() {
        List<JsonNode> objects = ManifestFiles.documents(ManifestFiles.ROOT.resolve("examples/kueue/queues.yaml"));
        JsonNode first = objects.stream()
                .filter(object -> object.path("kind").asText().equals("ClusterQueue"))
                .findFirst()
                .orElseThrow()
                .at("/spec/resourceGroups/0/flavors/0");
        // Kueue takes the first flavor with room for all that a pod requests.
        assertThat(first.path("resources"))
                .anySatisfy(resource ->
                        assertThat(resource.toString()).isEqualTo("{\"name\":\"nvidia.com/gpu\",\"nominalQuota\":0}"));
        assertThat(objects)
                .filteredOn(object -> object.path("kind").asText().equals("ResourceFlavor")
                        && object.at("/metadata/name").equals(first.path("name")))
                .singleElement()
                .satisfies(flavor ->
                        assertThat(flavor.path("spec").isMissingNode()).isTrue());
    }

    @Test
    void theOperatorIsProbedAndLimited() {
        Container container = operator().getContainers().get(0);
        assertThat(container.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/healthz");
        assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/readyz");
        assertThat(container.getStartupProbe().getHttpGet().getPath()).isEqualTo("/healthz");
        assertThat(container.getResources().getRequests()).containsOnlyKeys("cpu", "memory");
        assertThat(container.getResources().getLimits()).isEqualTo(Map.of("memory", Quantity.parse("512Mi")));
    }

    private static PodSpec operator() {
        return KUBERNETES
                .unmarshal(ManifestFiles.document("operator/deployment.yaml").toString(), Deployment.class)
                .getSpec()
                .getTemplate()
                .getSpec();
    }
}
