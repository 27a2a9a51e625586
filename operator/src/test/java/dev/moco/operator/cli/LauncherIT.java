package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.ExitCode;
import dev.moco.contract.local.Program;
import dev.moco.localcluster.TestCluster;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script {@code moco}. */
class LauncherIT {
    @Test
    void theVersionIsPrintedWithoutABuildAndWithoutJava(@TempDir Path folder) throws Exception {
        Path home = TestCluster.home();
        Files.copy(home.resolve("moco"), folder.resolve("moco"));
        Files.copy(home.resolve("pom.xml"), folder.resolve("pom.xml"));
        for (String argument : new String[] {"-V", "--version", "version"}) {
            Process process = new ProcessBuilder(folder.resolve("moco").toString(), argument)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            assertThat(output).isEqualTo(Program.VERSION + "\n");
        }
        assertThat(folder.resolve("target")).doesNotExist();
    }

    @Test
    void namesAreReadAndPrintedWhereNoLocaleIsSet(@TempDir Path folder) throws Exception {
        Path experiment = Files.writeString(folder.resolve("größe.yaml"), """
                        apiVersion: moco.dev/v1alpha1
                        kind: MoCoExperiment
                        metadata: {name: x}
                        spec:
                          data: {imagenet: bilder/äpfel}
                          detection: {enabled: false}
                        """);
        try (BuiltCheckout checkout = BuiltCheckout.of(TestCluster.home())) {
            MocoProcess.ProcessOutput output = MocoProcess.launcher(
                            checkout, Map.of("LC_ALL", "POSIX"), "plan", experiment.toString())
                    .ended();
            assertThat(output.exitCode()).isEqualTo(ExitCode.BAD_CONFIG);
            assertThat(output.error()).contains("bilder/äpfel");
        }
    }
}
