package dev.moco.operator.crd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The shipped definition is that of the records. */
class CrdTest {
    static final String RENEW =
            "mvn -pl operator -am test -Dtest=CrdTest -Dsurefire.failIfNoSpecifiedTests=false -Dmoco.crd=write";
    static final Path FILE = Path.of("..", "manifests", "crd", "mocoexperiments.moco.dev-v1.yml");

    @Test
    void theShippedDefinitionIsThatOfTheRecords() throws IOException {
        String generated = Crd.yaml();
        if ("write".equals(System.getProperty("moco.crd"))) {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, generated);
        }
        assertThat(FILE)
                .as("the records of package crd have changed: renew the definition with\n  %s", RENEW)
                .hasContent(generated);
    }
}
