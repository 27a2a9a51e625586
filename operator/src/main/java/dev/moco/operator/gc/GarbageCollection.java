package dev.moco.operator.gc;

import dev.moco.artifacts.ObjectStore;
import dev.moco.artifacts.ObjectStore.StoredObject;
import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Deletion of garbage. An interrupted one leaves what the next one finds again.
 *
 * @param keys number of keys of which something was deleted
 * @param bytes bytes that were deleted
 * @param kept keys that were not deleted, or not wholly, with the reason
 */
public record GarbageCollection(int keys, long bytes, List<String> kept) {
    public GarbageCollection {
        kept = List.copyOf(kept);
    }

    /** Says whether there are still the experiments that garbage was found with. */
    public interface KnownExperiments {
        boolean areTheSame() throws IOException;
    }

    /**
     * Deletes garbage, unless something below its key was written since it was listed. Ends as soon as there is another
     * experiment, which may need what is left.
     */
    public static GarbageCollection delete(ObjectStore store, List<Garbage> garbage, KnownExperiments experiments)
            throws IOException {
        int keys = 0;
        long bytes = 0;
        List<String> kept = new ArrayList<>();
        for (Garbage each : garbage) {
            if (each.objects().isEmpty()) {
                continue;
            }
            if (!experiments.areTheSame()) {
                kept.add(each.found().prefix() + " and all after it: an experiment was recorded meanwhile");
                break;
            }
            if (isWritten(store, each)) {
                kept.add(each.found().prefix() + " was written meanwhile");
                continue;
            }
            try {
                for (StoredObject object : each.objects()) {
                    store.delete(object.key());
                    bytes += object.size();
                }
                keys++;
            } catch (StageFailure e) {
                if (e.exitCode() != ExitCode.BAD_DATA) {
                    throw e;
                }
                kept.add(String.valueOf(e.getMessage()));
            }
        }
        return new GarbageCollection(keys, bytes, kept);
    }

    /** True if an object is new or has changed since the listing; others may be gone. */
    private static boolean isWritten(ObjectStore store, Garbage garbage) throws IOException {
        Map<String, String> stamps = new HashMap<>();
        garbage.found().objects().forEach(object -> stamps.put(object.key(), object.stamp()));
        return garbage.found().again(store).stream()
                .anyMatch(object -> !object.stamp().equals(stamps.get(object.key())));
    }
}
