package dev.moco.localcluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Paths of mounts and references to variables in a container's texts. */
class PodVolumesTest {
    private static final Map<String, Path> MOUNTS =
            Map.of("/var/cache/moco", Path.of("/here/cache"), "/tmp", Path.of("/here/tmp"));

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "/var/cache/moco | /here/cache",
                "--work=/var/cache/moco/a | --work=/here/cache/a",
                "{\"cacheFolder\":\"/var/cache/moco\",\"x\":1} | {\"cacheFolder\":\"/here/cache\",\"x\":1}",
                "a:/var/cache/moco:b | a:/here/cache:b",
                "/var/cache/moco2 | /var/cache/moco2",
                "/other/var/cache/moco | /other/var/cache/moco",
                "/tmp/data | /tmp/data"
            })
    void pathsOfMountsBecomeFolders(String text, String expected) {
        assertThat(PodVolumes.replace(text, MOUNTS)).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({"$(A), 1", "x$(A)y, x1y", "$$(A), $(A)", "$(B), $(B)", "$A, $A", "'$$', $"})
    void referencesBecomeValues(String text, String expected) {
        assertThat(ContainerEnvironment.expand(text, Map.of("A", "1"))).isEqualTo(expected);
    }
}
