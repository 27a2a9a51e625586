package dev.moco.operator.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/** Health of an experiment in Argo CD and Flux, for the statuses that an experiment can have. */
class GitOpsHealthTest {
    private static final Path CASES = Path.of("src/test/resources/dev/moco/operator/manifests/health");

    @ParameterizedTest(name = "{0} is {1} in Argo CD and {2} in Flux")
    @CsvFileSource(resources = "health/cases.csv")
    void healthFollowsTheConditions(String name, String argo, String flux, String message) {
        JsonNode resource =
                ManifestFiles.documents(CASES.resolve(name + ".yaml")).get(0);
        ArgoHealth health =
                ArgoHealth.of(ManifestFiles.text(ManifestFiles.ROOT.resolve("gitops/argocd/health.lua")), resource);
        assertThat(health).isEqualTo(new ArgoHealth(argo, message));
        JsonNode expressions =
                ManifestFiles.document("gitops/flux/quickstart.yaml").at("/spec/healthCheckExprs/0");
        assertThat(expressions.path("kind").asText()).isEqualTo("MoCoExperiment");
        assertThat(FluxHealth.of(expressions, resource)).isEqualTo(flux);
    }

    @Test
    void thePatchForArgoHoldsTheProgram() {
        assertThat(ManifestFiles.document("gitops/argocd/argocd-cm.yaml")
                        .at("/data")
                        .path("resource.customizations.health.moco.dev_MoCoExperiment")
                        .asText())
                .isEqualTo(ManifestFiles.text(ManifestFiles.ROOT.resolve("gitops/argocd/health.lua")));
    }
}
