package dev.moco.operator.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The shipped definition is that of the records, described, with the columns of {@code kubectl get}. */
class CrdTest {
    static final String RENEW =
            "mvn -pl operator -am test -Dtest=CrdTest -Dsurefire.failIfNoSpecifiedTests=false -Dmoco.crd=write";
    static final Path FILE = Path.of("..", "manifests", "crd", "mocoexperiments.moco.dev-v1.yml");

    @Test
    void theShippedDefinitionEqualsTheRecords() throws IOException {
        String generated = Crd.yaml();
        if ("write".equals(System.getProperty("moco.crd"))) {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, generated);
        }
        assertThat(FILE)
                .as("the records of package api have changed: renew the definition with\n  %s", RENEW)
                .hasContent(generated);
    }

    @Test
    void everyStatusFieldHasADescription() {
        Schema.walk("status", Schema.ROOT.at("/properties/status"), (path, schema) -> {
            if (!path.equals("status") && !path.endsWith("]")) {
                assertThat(schema.path("description").asText()).as(path).endsWith(".");
            }
        });
    }

    @Test
    void theDefinitionHasThePrinterColumns() {
        List<String> columns = new ArrayList<>();
        Schema.CRD
                .at("/spec/versions/0/additionalPrinterColumns")
                .forEach(column -> columns.add((column.path("priority").intValue() > 0 ? "wide " : "")
                        + column.get("name").asText() + " "
                        + column.get("jsonPath").asText()));
        assertThat(String.join("\n", columns)).isEqualTo("""
                STAGE .status.summary.stage
                PROGRESS .status.summary.progress
                ETA .status.summary.eta
                TOP1 .status.summary.top1
                AP50 .status.summary.ap50
                AP .status.summary.ap
                AP75 .status.summary.ap75
                READY .status.conditions[?(@.type=="Ready")].status
                AGE .metadata.creationTimestamp
                wide LOSS .status.summary.loss
                wide IMG/S .status.summary.imagesPerSecond
                wide GPU-H .status.summary.gpuHours
                wide VS-PAPER .status.summary.versusPaper
                wide REASON .status.summary.reason""");
    }
}
