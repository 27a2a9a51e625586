package dev.moco.operator.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.plan.StageVariables;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StageEnvironmentTest {
    private static final Map<String, String> EMBEDDED =
            Map.of("AWS_ACCESS_KEY_ID", "own", "AWS_SECRET_ACCESS_KEY", "s");

    @ParameterizedTest(name = "{0}: embedded store {1}, bucket {2}")
    @CsvSource({
        "PATH, true, true",
        "HOME, true, true",
        "LC_ALL, true, true",
        "CUDA_VISIBLE_DEVICES, true, true",
        "http_proxy, false, true",
        "HTTPS_PROXY, false, true",
        "no_proxy, false, true",
        "AWS_SESSION_TOKEN, false, true",
        "AWS_PROFILE, false, true",
        "AWS_ENDPOINT_URL, false, true",
        "JAVA_TOOL_OPTIONS, false, true",
        "_JAVA_OPTIONS, false, false",
        "PYTORCH_VERSION, false, false",
        "PYTORCH_FLAVOR, false, false",
        "ATEN_CPU_CAPABILITY, false, false",
        "OMP_NUM_THREADS, false, false",
        "ENGINE_CACHE_DIR, false, false"
    })
    void onlyWhatDescribesTheMachineIsPassedOn(String name, boolean embedded, boolean bucket) {
        Map<String, String> user = Map.of(name, "of the user");
        assertThat(StageEnvironment.of(user, EMBEDDED).containsKey(name)).isEqualTo(embedded);
        assertThat(StageEnvironment.of(user, Map.of()).containsKey(name)).isEqualTo(bucket);
    }

    @Test
    void anotherEngineIsNamedByItsFolder() {
        Map<String, String> user = new HashMap<>(Map.of("PYTORCH_VERSION", "2.7.1", "PYTORCH_FLAVOR", "cu128"));
        user.put("PYTORCH_LIBRARY_PATH", "/torch/lib");
        assertThat(StageEnvironment.of(user, EMBEDDED)).containsAllEntriesOf(user);
    }

    @Test
    void theEmbeddedStoreHasItsOwnCredentialsAndNoProfile() {
        assertThat(StageEnvironment.of(Map.of("AWS_ACCESS_KEY_ID", "of the user"), EMBEDDED))
                .containsAllEntriesOf(EMBEDDED)
                .containsEntry("AWS_CONFIG_FILE", "/dev/null")
                .containsEntry("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    }

    @Test
    void variablesOfTheStagesMayBeSet() {
        assertThat(StageEnvironment.of(Map.of(), EMBEDDED)).containsAllEntriesOf(StageVariables.defaults());
        assertThat(StageEnvironment.of(Map.of("MALLOC_ARENA_MAX", "2"), EMBEDDED))
                .containsEntry("MALLOC_ARENA_MAX", "2");
    }
}
