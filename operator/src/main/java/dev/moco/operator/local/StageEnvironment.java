package dev.moco.operator.local;

import dev.moco.operator.plan.StageVariables;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Environment of a process that trains. Of the user's own variables it has those that describe the machine; others, such
 * as those of a company's proxy, a cloud profile or another PyTorch, would change what it computes or whom it asks.
 */
final class StageEnvironment {
    private static final Set<String> MACHINE =
            Set.of("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH");
    private static final Set<String> MACHINE_PREFIXES = Set.of("LC_", "CUDA_", "NVIDIA_", "NCCL_", "MOCO_");

    /** Name the engine; without a folder of its libraries the bundled one is loaded. */
    private static final String ENGINE = "PYTORCH_LIBRARY_PATH";

    private static final Set<String> ENGINE_KIND = Set.of("PYTORCH_VERSION", "PYTORCH_FLAVOR", "PYTORCH_PRECXX11");

    /** Variables that lead to a bucket of the user; certificates of its server are named by Java's options. */
    private static final Set<String> BUCKET = Set.of(
            "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "JAVA_TOOL_OPTIONS");

    /** Keeps the SDK from reading the user's files, which may even be malformed. */
    private static final Map<String, String> NO_PROFILE = Map.of(
            "AWS_CONFIG_FILE", "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE", "/dev/null",
            "AWS_EC2_METADATA_DISABLED", "true");

    private StageEnvironment() {}

    /**
     * Variables of the process.
     *
     * @param user the user's environment
     * @param credentials AWS variables of the embedded store; empty for a bucket of the user, with the user's own
     */
    static Map<String, String> of(Map<String, String> user, Map<String, String> credentials) {
        Map<String, String> variables = new TreeMap<>(StageVariables.defaults());
        boolean ownBucket = credentials.isEmpty();
        user.forEach((name, value) -> {
            if (isOfMachine(name)
                    || (name.equals(ENGINE) || (ENGINE_KIND.contains(name) && user.containsKey(ENGINE)))
                    || (ownBucket && (BUCKET.contains(name) || name.startsWith("AWS_")))) {
                variables.put(name, value);
            }
        });
        if (!ownBucket) {
            variables.putAll(NO_PROFILE);
        }
        variables.putAll(credentials);
        return variables;
    }

    private static boolean isOfMachine(String name) {
        return MACHINE.contains(name)
                || StageVariables.defaults().containsKey(name)
                || MACHINE_PREFIXES.stream().anyMatch(name::startsWith);
    }
}
