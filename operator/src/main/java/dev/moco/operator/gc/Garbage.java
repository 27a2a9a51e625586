package dev.moco.operator.gc;

import dev.moco.artifacts.ObjectStore.StoredObject;
import dev.moco.artifacts.StageObjects;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Objects below the key of a stage that may be deleted.
 *
 * @param found all objects below the key
 * @param neededBy names of the experiments that need it, sorted
 * @param objects objects that may be deleted, in the order of deletion; none if all are kept
 * @param reason reason, for a person
 */
public record Garbage(StageObjects found, List<String> neededBy, List<StoredObject> objects, String reason) {
    public Garbage {
        neededBy = List.copyOf(neededBy);
        objects = List.copyOf(objects);
    }

    /**
     * Decides what may be deleted.
     *
     * @param found all stages of the store
     * @param manifests readable manifests, by {@link StageObjects#prefix}
     * @param needed what experiments need
     * @param before time; what was changed then or later may still be written, and is kept
     */
    public static List<Garbage> of(
            List<StageObjects> found, Map<String, Manifest> manifests, Needed needed, Instant before) {
        List<Garbage> all = new ArrayList<>();
        for (StageObjects objects : found) {
            all.add(of(objects, Optional.ofNullable(manifests.get(objects.prefix())), needed, before));
        }
        return all;
    }

    private static Garbage of(StageObjects found, Optional<Manifest> manifest, Needed needed, Instant before) {
        List<String> experiments = List.copyOf(needed.by(found, manifest));
        if (!found.changed().isBefore(before)) {
            return new Garbage(found, experiments, List.of(), "may still be written");
        } else if (experiments.isEmpty()) {
            String reason = found.isCommitted() ? "no experiment needs it" : "unfinished, and no experiment needs it";
            return new Garbage(found, experiments, StageObjects.inOrderOfDeletion(found.objects()), reason);
        }
        List<StoredObject> unlisted =
                manifest.map(made -> unlisted(found, made)).orElse(List.of());
        return new Garbage(
                found,
                experiments,
                StageObjects.inOrderOfDeletion(unlisted),
                unlisted.isEmpty() ? "needed" : "files of attempts that ended, which its manifest does not list");
    }

    /** Files that a manifest does not list; none while one that it lists is missing, since a restarted run uses others again. */
    private static List<StoredObject> unlisted(StageObjects found, Manifest manifest) {
        Set<String> listed =
                manifest.all().stream().map(manifest::object).collect(Collectors.toCollection(HashSet::new));
        Set<String> there = found.objects().stream().map(found::name).collect(Collectors.toSet());
        return !there.containsAll(listed)
                ? List.of()
                : found.objects().stream()
                        .filter(object -> found.name(object).startsWith(FileEntry.OBJECTS))
                        .filter(object -> !listed.contains(found.name(object)))
                        .toList();
    }

    /** Bytes that may be deleted. */
    public long bytes() {
        return StageObjects.bytes(objects);
    }
}
