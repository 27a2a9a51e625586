package dev.moco.contract;

import java.nio.charset.StandardCharsets;

/** What decides how long a step takes: a configuration without its seeds, rates and lengths. */
public final class StepWork {
    private StepWork() {}

    /** Equal for configurations whose steps do the same work, on as many threads. */
    public static String of(StageConfig config, int threads) {
        return threads + " threads " + new String(CanonicalJson.bytes(config.stepWork()), StandardCharsets.UTF_8);
    }
}
