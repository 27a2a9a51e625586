package dev.moco.training.stage;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.contract.ArtifactRef;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.Stage;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * The newest checkpoint of another finished run of a stage with which a task may begin.
 *
 * @param key the other run's key
 * @param step the checkpoint's step
 */
record KeptCheckpoint(String key, long step) {
    /** Most results that are read, as each is a request. */
    private static final int MOST_READ = 1000;

    /**
     * Finds those of runs with the same inputs.
     *
     * @param sharedSteps steps from the first that a run with another configuration has in common with the task
     */
    static List<KeptCheckpoint> newestFirst(
            ArtifactStore store, StageTask task, ToLongFunction<StageConfig> sharedSteps) throws IOException {
        Stage stage = task.config().stage();
        List<KeptCheckpoint> found = new ArrayList<>();
        for (String key : store.committed(stage, MOST_READ)) {
            Optional<Manifest> manifest = key.equals(task.key()) ? Optional.empty() : manifest(store, stage, key);
            if (manifest.isPresent() && digests(manifest.get().inputs()).equals(digests(task.inputs()))) {
                long shared = sharedSteps.applyAsLong(manifest.get().config());
                Long newest = shared == 0
                        ? null
                        : store.checkpoints(stage, key).kept().floor(shared);
                if (newest != null) {
                    found.add(new KeptCheckpoint(key, newest));
                }
            }
        }
        found.sort(Comparator.comparingLong(KeptCheckpoint::step).reversed());
        return found;
    }

    private static Optional<Manifest> manifest(ArtifactStore store, Stage stage, String key) throws IOException {
        try {
            return store.manifest(stage, key);
        } catch (StageFailure e) {
            if (e.exitCode() != ExitCode.BAD_DATA) {
                throw e;
            }
            return Optional.empty(); // of another version
        }
    }

    private static Map<String, String> digests(Map<String, ArtifactRef> inputs) {
        Map<String, String> digests = new HashMap<>();
        inputs.forEach((role, input) -> digests.put(role, input.digest()));
        return digests;
    }
}
