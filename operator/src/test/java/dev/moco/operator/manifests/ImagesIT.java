package dev.moco.operator.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contents of the images that follow from what the build resolved. */
class ImagesIT {
    /** The file that operator/Dockerfile copies jars by; {@code mvn package} writes it. */
    private static final Path CLASS_PATH = Path.of("../target/lib/moco-operator.classpath");

    @Test
    void theOperatorsImageHasNoLocalCluster() throws IOException {
        List<String> jars = List.of(Files.readString(CLASS_PATH).strip().split(":", -1));

        assertThat(jars)
                .anyMatch(jar -> jar.contains("/moco-artifacts-"))
                .anyMatch(jar -> jar.contains("/kubernetes-client-"))
                .noneMatch(
                        jar -> jar.contains("localcluster") || jar.endsWith("-tests.jar") || jar.contains("/junit-"));
    }
}
