package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.ExitCode;
import dev.moco.localcluster.TestCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script {@code moco}. */
class LauncherIT {
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
