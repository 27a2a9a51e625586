package dev.moco.contract.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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
}
