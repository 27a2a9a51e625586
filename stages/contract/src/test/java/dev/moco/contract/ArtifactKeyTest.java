package dev.moco.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ArtifactKeyTest {
    private static PrepareConfig prepare(long seed) {
        return new PrepareConfig(
                PrepareConfig.Dataset.IMAGENET, "f00d", PrepareConfig.OnBadImage.FAIL, List.of(), 1024, seed);
    }

    @Test
    void canonicalJsonIsSortedAndDense() {
        assertThat(new String(CanonicalJson.bytes(prepare(3)), StandardCharsets.UTF_8))
                .isEqualTo("{\"stage\":\"prepare\",\"classNames\":[],\"dataset\":\"IMAGENET\",\"onBadImage\":\"FAIL\","
                        + "\"seed\":3,\"shardImages\":1024,\"sourceFingerprint\":\"f00d\"}");
    }

    @Test
    void keysDependOnConfigurationAndInputDigests() {
        String key = ArtifactKey.of(prepare(3), Map.of());
        assertThat(key).matches("[0-9a-f]{64}");
        assertThat(ArtifactKey.of(prepare(3), Map.of())).isEqualTo(key);
        assertThat(ArtifactKey.of(prepare(4), Map.of())).isNotEqualTo(key);
        ArtifactRef input = new ArtifactRef(Stage.PREPARE, "a".repeat(64), "d".repeat(64));
        assertThat(ArtifactKey.of(prepare(3), Map.of("imagenet", input))).isNotEqualTo(key);
        // Inputs with the same digest give the same key, though their own keys differ.
        assertThat(ArtifactKey.of(
                        prepare(3), Map.of("imagenet", new ArtifactRef(Stage.PREPARE, "b".repeat(64), "d".repeat(64)))))
                .isEqualTo(ArtifactKey.of(prepare(3), Map.of("imagenet", input)));
    }

    @Test
    void configurationsAreReadAsWritten() {
        assertThat(CanonicalJson.read(CanonicalJson.bytes(prepare(3)), StageConfig.class))
                .isEqualTo(prepare(3));
    }

    @Test
    void unknownFieldsAreErrors() {
        byte[] json = "{\"exitCode\":0,\"mesage\":\"x\"}".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> CanonicalJson.read(json, Termination.class))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("mesage");
    }
}
