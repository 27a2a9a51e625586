package dev.moco.contract;

import java.time.Instant;
import java.util.Map;

/**
 * How an artifact was made.
 *
 * @param started when the stage's first attempt began
 * @param finished when it committed
 * @param versions library and image versions by name
 * @param hardware processor, memory and accelerator, in words
 * @param peakRssMib peak resident memory of the last attempt, MiB
 * @param gpuSeconds accelerators times seconds of all attempts, but for what a killed one did after its last
 *     checkpoint; 0 on a CPU
 */
public record Provenance(
        Instant started,
        Instant finished,
        Map<String, String> versions,
        Map<String, String> hardware,
        long peakRssMib,
        double gpuSeconds) {
    public Provenance {
        versions = Map.copyOf(versions);
        hardware = Map.copyOf(hardware);
    }
}
