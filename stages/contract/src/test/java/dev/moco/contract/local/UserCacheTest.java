package dev.moco.contract.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.StageFailure;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UserCacheTest {
    @ParameterizedTest(name = "HOME={0}, XDG_CACHE_HOME={1}")
    @CsvSource({
        ",         ,       /home/account/.cache/moco/engine",
        "/home/me, ,       /home/me/.cache/moco/engine",
        "/home/me, /cache, /cache/moco/engine",
        "/home/me, cache,  /home/me/.cache/moco/engine",
        "'',       '',     /home/account/.cache/moco/engine"
    })
    void theFolderIsTheUsers(@Nullable String home, @Nullable String xdg, String folder) {
        Map<String, String> variables = new HashMap<>();
        variables.put("HOME", home);
        variables.put("XDG_CACHE_HOME", xdg);

        assertThat(UserCache.folder(variables, "/home/account", "engine")).hasToString(folder);
    }

    @Test
    void aUserWithoutAHomeIsTold() {
        assertThatThrownBy(() -> UserCache.folder(Map.of(), "?", "engine"))
                .isInstanceOf(StageFailure.class)
                .hasMessageContaining("XDG_CACHE_HOME");
        assertThat(UserCache.folder(Map.of("XDG_CACHE_HOME", "/cache"), "?", "engine"))
                .hasToString("/cache/moco/engine");
    }
}
