package dev.moco.artifacts;

import dev.moco.artifacts.ObjectStore.StoredObject;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.Stage;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All objects below the key of a stage: files, manifest, checkpoints, progress.
 *
 * @param stage stage
 * @param key its key
 * @param objects objects in the order of the listing, of which there is at least one
 */
public record StageObjects(Stage stage, String key, List<StoredObject> objects) {
    private static final String ROOT = "v" + ArtifactKey.CONTRACT_VERSION + "/stages/";

    /** Whole names, so that none leads to another folder. */
    private static final Pattern OBJECT = Pattern.compile(Pattern.quote(ROOT)
            + "(" + Stream.of(Stage.values()).map(Stage::id).collect(Collectors.joining("|"))
            + ")/([0-9a-f]{64})/((?:(?!\\.\\.?/)[^/\\p{Cc}]+/)*(?!\\.\\.?$)[^/\\p{Cc}]+)");

    public StageObjects {
        objects = List.copyOf(objects);
    }

    /**
     * Lists what a store has below all stages.
     *
     * @param stages by key, in the order of stages
     * @param foreign objects whose names no stage makes
     */
    public record StoredStages(List<StageObjects> stages, List<StoredObject> foreign) {
        public StoredStages {
            stages = List.copyOf(stages);
            foreign = List.copyOf(foreign);
        }

        /** Sorts the objects of a listing. */
        public static StoredStages of(Iterable<StoredObject> objects) {
            Map<String, List<StoredObject>> byKey = new LinkedHashMap<>();
            List<StoredObject> foreign = new ArrayList<>();
            for (StoredObject object : objects) {
                Matcher name = OBJECT.matcher(object.key());
                if (name.matches()) {
                    byKey.computeIfAbsent(name.group(1) + "/" + name.group(2), key -> new ArrayList<>())
                            .add(object);
                } else {
                    foreign.add(object);
                }
            }
            List<StageObjects> stages = new ArrayList<>();
            byKey.forEach((name, own) -> {
                int slash = name.indexOf('/');
                stages.add(new StageObjects(Stage.of(name.substring(0, slash)), name.substring(slash + 1), own));
            });
            stages.sort(Comparator.comparing(StageObjects::stage).thenComparing(StageObjects::key));
            return new StoredStages(stages, foreign);
        }
    }

    /** Lists the stages of a store. */
    public static StoredStages list(ObjectStore store) throws IOException {
        List<StoredObject> objects = new ArrayList<>();
        store.list(ROOT, objects::add);
        return StoredStages.of(objects);
    }

    /** Lists one stage's key again. */
    public List<StoredObject> again(ObjectStore store) throws IOException {
        List<StoredObject> now = new ArrayList<>();
        store.list(prefix(), now::add);
        return now;
    }

    /** Prefix of the objects. */
    public String prefix() {
        return ArtifactKey.prefix(stage, key);
    }

    /** True if there is a manifest. */
    public boolean isCommitted() {
        return objects.stream().anyMatch(object -> name(object).equals(ArtifactStore.MANIFEST));
    }

    /** Name of an object below the prefix. */
    public String name(StoredObject object) {
        return object.key().substring(prefix().length());
    }

    /** Bytes of all objects. */
    public long bytes() {
        return bytes(objects);
    }

    /** Bytes of its checkpoints. */
    public long checkpointBytes() {
        return bytes(objects.stream()
                .filter(object -> name(object).startsWith(Checkpoints.FOLDER))
                .toList());
    }

    /** Bytes of objects. */
    public static long bytes(List<StoredObject> objects) {
        return objects.stream().mapToLong(StoredObject::size).sum();
    }

    /** Time of the newest change. */
    public Instant changed() {
        return objects.stream()
                .map(StoredObject::changed)
                .max(Comparator.naturalOrder())
                .orElse(Instant.MIN);
    }

    /**
     * Objects in the order in which they may be deleted: first those that say that others are there, so that what an
     * interrupted deletion leaves is not taken for a result or a checkpoint.
     */
    public static List<StoredObject> inOrderOfDeletion(List<StoredObject> objects) {
        return objects.stream()
                .sorted(Comparator.comparing(StageObjects::rank).thenComparing(StoredObject::key))
                .toList();
    }

    private static int rank(StoredObject object) {
        String key = object.key();
        return key.endsWith("/" + ArtifactStore.MANIFEST)
                ? 0
                : key.endsWith("/" + Checkpoints.LIST) ? 1 : key.contains("/" + StoredParts.FOLDER) ? 2 : 3;
    }
}
