package dev.moco.contract;

import java.nio.charset.StandardCharsets;

/** The part of a configuration that decides how long a step takes: all but seeds, rates and lengths. */
public final class StepWork {
    private StepWork() {}

    /**
     * Returns a text that is equal for configurations with the same work in each step and the same number of
     * threads.
     */
    public static String of(StageConfig config, int threads) {
        return threads + " threads " + new String(CanonicalJson.bytes(config.stepWork()), StandardCharsets.UTF_8);
    }
}
