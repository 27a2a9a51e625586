package dev.moco.contract;

import java.time.Instant;
import java.util.Map;

/**
 * Times, versions and hardware of an artifact's computation.
 *
 * @param started start of the stage's first attempt
 * @param finished time of the commit
 * @param versions versions of libraries and image, by name
 * @param hardware descriptions of processor, memory and accelerator, by name
 * @param peakRssMib peak resident memory of the last attempt, MiB
 * @param gpuSeconds accelerators times seconds, summed over all attempts, without the time that a killed attempt ran
 *     after its last checkpoint; 0 on a CPU
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
