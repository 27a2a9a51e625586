package dev.moco.training.prepare;

import dev.moco.contract.StageResult.Named;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * Findings in the images of a part of a data set.
 *
 * @param bad images that were skipped, each with the reason
 * @param warned images of which libjpeg gave a warning, each with the first; they may be partly gray, as in Pillow
 * @param clipped images with boxes outside of them, each with these boxes
 * @param objects annotated objects
 */
record Findings(Map<String, String> bad, Map<String, String> warned, Map<String, String> clipped, long objects) {
    /** Most characters of a finding in a manifest. */
    private static final int MAX_TEXT = 1000;

    Findings {
        bad = Map.copyOf(bad);
        warned = Map.copyOf(warned);
        clipped = Map.copyOf(clipped);
    }

    /** The findings of all parts. */
    static Findings of(Collection<Findings> parts) {
        Map<String, String> bad = new TreeMap<>();
        Map<String, String> warned = new TreeMap<>();
        Map<String, String> clipped = new TreeMap<>();
        long objects = 0;
        for (Findings part : parts) {
            bad.putAll(part.bad);
            warned.putAll(part.warned);
            clipped.putAll(part.clipped);
            objects += part.objects;
        }
        return new Findings(bad, warned, clipped, objects);
    }

    /** Number of some findings, and the first of them by name. */
    static Named named(Map<String, String> found) {
        return new Named(
                found.size(),
                new TreeMap<>(found)
                        .entrySet().stream()
                                .limit(Named.MAX_NAMES)
                                .map(entry -> brief(entry.getKey() + ": " + entry.getValue()))
                                .toList());
    }

    private static String brief(String text) {
        return text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) + "…" : text;
    }
}
