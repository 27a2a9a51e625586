package dev.moco.operator.neighbors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.operator.manifests.ManifestFiles;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/** The cases of {@code GitOpsHealthTest} in the Lua engine of Argo CD and in the evaluator of Flux. */
@Tag("neighbor")
class GitOpsIT {
    private static final String CASES = "/dev/moco/operator/manifests/health/cases.csv";
    private static final Path STATUSES = Path.of("src/test/resources/dev/moco/operator/manifests/health");
    private static final Path SCRIPT = ManifestFiles.ROOT.resolve("gitops/argocd/health.lua");

    @ParameterizedTest(name = "{0} is {1}")
    @CsvFileSource(resources = CASES)
    void argoReadsTheHealth(String name, String argo, String flux, String message) throws Exception {
        String program = GoModule.of("argocd", ".").build().toString();
        JsonNode health = new JsonMapper()
                .readTree(Command.of(program, "moco.dev/MoCoExperiment", SCRIPT.toString())
                        .reading(status(name))
                        .output());
        assertThat(health.path("status").asText()).isEqualTo(argo);
        assertThat(health.path("message").asText()).isEqualTo(message);
    }

    @ParameterizedTest(name = "{0} is {2}")
    @CsvFileSource(resources = CASES)
    void fluxReadsTheHealth(String name, String argo, String flux) throws Exception {
        String program = GoModule.of("flux", ".").build().toString();
        JsonNode expressions =
                ManifestFiles.document("gitops/flux/quickstart.yaml").at("/spec/healthCheckExprs/0");
        Command.Ended result = Command.of(program, expressions.toString())
                .reading(status(name))
                .run();
        // An expression about a status that is not there is an error, after which Flux waits.
        assertThat(result.exitCode() == 0 ? result.out().strip() : "Unknown")
                .as(result.err())
                .isEqualTo(flux);
    }

    private static String status(String name) {
        return ManifestFiles.documents(STATUSES.resolve(name + ".yaml")).get(0).toString();
    }
}
