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
    private static final int MAX_FACTS = 50;
    private static final int MAX_FACT = 500;

    public Provenance {
        Bounds.time("started", started);
        Bounds.time("finished", finished);
        Bounds.notNegative("peakRssMib", peakRssMib);
        Bounds.number("gpuSeconds", gpuSeconds);
        if (gpuSeconds < 0) {
            throw new IllegalArgumentException("gpuSeconds must not be negative, found " + gpuSeconds);
        }
        facts("versions", versions);
        facts("hardware", hardware);
        versions = Map.copyOf(versions);
        hardware = Map.copyOf(hardware);
    }

    private static void facts(String what, Map<String, String> facts) {
        Bounds.count(what, facts.size(), MAX_FACTS);
        facts.forEach((name, value) -> {
            Bounds.text("a name of " + what, name, MAX_FACT);
            Bounds.text(name + " of " + what, value, MAX_FACT);
        });
    }
}
