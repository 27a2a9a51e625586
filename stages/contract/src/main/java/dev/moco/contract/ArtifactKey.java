package dev.moco.contract;

import java.util.Map;
import java.util.TreeMap;

/** Content addresses of stages (docs/design.md §6), and the names of the objects below them. */
public final class ArtifactKey {
    /** Raised when the meaning of a configuration or of a file changes: every old key then misses. */
    public static final int CONTRACT_VERSION = 1;

    private ArtifactKey() {}

    /** SHA-256, in hex, of the canonical JSON of contract version, configuration (with its seed) and input digests. */
    public static String of(StageConfig config, Map<String, ArtifactRef> inputs) {
        Map<String, String> digests = new TreeMap<>();
        inputs.forEach((role, input) -> digests.put(role, input.digest()));
        return Sha256.of(CanonicalJson.bytes(Map.of("version", CONTRACT_VERSION, "config", config, "inputs", digests)));
    }

    /** {@code v1/stages/<stage>/<key>/}: prefix of everything that the stage writes. */
    public static String prefix(Stage stage, String key) {
        return "v" + CONTRACT_VERSION + "/stages/" + stage.id() + "/" + key + "/";
    }
}
