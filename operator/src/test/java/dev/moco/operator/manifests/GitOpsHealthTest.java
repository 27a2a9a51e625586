package dev.moco.operator.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Health of an experiment in Argo CD and Flux, for the statuses that an experiment can have. */
class GitOpsHealthTest {
    private static final Path CASES = Path.of("src/test/resources/dev/moco/operator/manifests/health");

    @ParameterizedTest(name = "{0} is {1} in Argo CD and {2} in Flux")
    @CsvSource({
        "new, Progressing, Unknown, waiting for the operator",
        "spec-changed, Progressing, InProgress, waiting for the operator",
        "running, Progressing, InProgress, 'pretrain, 68%, 14h left'",
        "queued, Progressing, InProgress, 'pretrain, 2/9, pretrain: 0/1 nodes are available: 1 Insufficient nvidia.com/gpu.'",
        "suspended, Suspended, InProgress, spec.suspend is set",
        "succeeded, Healthy, Current, 'top-1 67.5, AP50 82.4±0.2, AP 57.0±0.2, AP75 63.6±0.4'",
        "linear-only, Healthy, Current, top-1 66.2",
        "failed, Degraded, Failed, 'pretrain: the loss is NaN at step 412'",
        "canceled, Degraded, Failed, spec.cancel is set",
        "invalid-spec, Degraded, Failed, 'spec.data.imagenet is a folder, and the operator has no data root'",
        "store-unreachable, Degraded, Failed, 's3://experiments/moco: connection refused'"
    })
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
