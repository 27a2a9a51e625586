package dev.moco.contract;

import java.util.Map;
import java.util.TreeMap;

/** Keys of stages, which are content addresses (docs/design.md §6), and the object names that contain them. */
public final class ArtifactKey {
    /** Incremented when the meaning of a configuration or of a file changes, so that no old key matches. */
    public static final int CONTRACT_VERSION = 1;

    private ArtifactKey() {}

    /**
     * SHA-256 in hex of the canonical JSON of the contract version, the configuration and the inputs' digests. A field
     * that was {@link AddedLater} is not in that JSON while it has its neutral value.
     */
    public static String of(StageConfig config, Map<String, ArtifactRef> inputs) {
        Map<String, String> digests = new TreeMap<>();
        inputs.forEach((role, input) -> digests.put(role, input.digest()));
        return Sha256.of(CanonicalJson.bytes(Map.of("version", CONTRACT_VERSION, "config", config, "inputs", digests)));
    }

    /** Prefix of all objects of a stage: {@code v1/stages/<stage>/<key>/}. */
    public static String prefix(Stage stage, String key) {
        return "v" + CONTRACT_VERSION + "/stages/" + stage.id() + "/" + key + "/";
    }
}
