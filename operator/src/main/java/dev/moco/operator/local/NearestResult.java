package dev.moco.operator.local;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.contract.ArtifactRef;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult.Prepared;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Forecast;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.report.Differences;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The committed result that differs least from a task without one: it says which field makes the task run.
 *
 * @param key its key
 * @param differences fields and inputs that differ, as {@code epochs 200, not 100}
 * @param beginning where a pre-training begins that differs in its length only; empty for others
 */
public record NearestResult(String key, List<String> differences, String beginning) {
    /** Most results that are read for a task, as each is a request. */
    private static final int MOST_READ = 200;

    private static final int MOST_SHOWN = 4;
    private static final int SHORT_KEY = 12;

    public NearestResult {
        differences = List.copyOf(differences);
    }

    /** Finds it among the results of the task's stage; empty if none of them is readable. */
    public static Optional<NearestResult> of(PlannedTask task, Decision decision, ArtifactStore store)
            throws IOException {
        Optional<NearestResult> nearest = Optional.empty();
        Optional<Manifest> ofNearest = Optional.empty();
        for (String key : store.committed(task.task().stage(), MOST_READ)) {
            Optional<Manifest> found = manifest(task, key, store);
            Optional<NearestResult> next = found.map(manifest -> of(task, manifest));
            if (next.isPresent()
                    && (nearest.isEmpty()
                            || next.get().differences().size()
                                    < nearest.get().differences().size())) {
                nearest = next;
                ofNearest = found;
            }
        }
        if (nearest.isEmpty() || ofNearest.isEmpty()) {
            return nearest;
        }
        String beginning = beginning(task, ofNearest.get(), decision, store);
        return Optional.of(new NearestResult(nearest.get().key(), nearest.get().differences(), beginning));
    }

    private static Optional<Manifest> manifest(PlannedTask task, String key, ArtifactStore store) throws IOException {
        try {
            return store.manifest(task.task().stage(), key);
        } catch (StageFailure e) {
            if (e.exitCode() != ExitCode.BAD_DATA) {
                throw e;
            }
            return Optional.empty(); // of another version
        }
    }

    private static NearestResult of(PlannedTask task, Manifest found) {
        StageConfig config = task.config().orElseThrow();
        List<String> differences = new ArrayList<>(Differences.between((Record) config, (Record) found.config()));
        TreeSet<String> roles = new TreeSet<>(task.inputs().keySet());
        roles.addAll(found.inputs().keySet());
        for (String role : roles) {
            if (!digest(task.inputs(), role).equals(digest(found.inputs(), role))) {
                differences.add("another " + role);
            }
        }
        return new NearestResult(found.key(), differences, "");
    }

    private static String beginning(PlannedTask task, Manifest found, Decision decision, ArtifactStore store)
            throws IOException {
        Optional<Prepared> images = Forecast.images(task, decision);
        if (!(task.config().orElseThrow() instanceof PretrainConfig wanted
                && found.config() instanceof PretrainConfig other
                && wanted.equalsButForLength(other)
                && digests(task.inputs()).equals(digests(found.inputs()))
                && images.isPresent())) {
            return "";
        }
        if (!wanted.continues()) {
            return "; begins anew, as the rates of its Cosine schedule depend on the number of epochs";
        }
        long stepsPerEpoch = Math.max(1, wanted.stepsPerEpoch(images.get().trainImages()));
        int shared = Math.min(wanted.epochsSharedWith(other), wanted.epochs() - 1);
        if (shared == 0) {
            return "";
        }
        Long step = store.checkpoints(found.stage(), found.key()).kept().floor(shared * stepsPerEpoch);
        return step == null
                ? "; begins anew, as no checkpoint of its first " + shared + " epochs is kept"
                : "; goes on from its epoch " + step / stepsPerEpoch;
    }

    private static Map<String, String> digests(Map<String, ArtifactRef> inputs) {
        Map<String, String> digests = new HashMap<>();
        inputs.keySet().forEach(role -> digests.put(role, digest(inputs, role)));
        return digests;
    }

    private static String digest(Map<String, ArtifactRef> inputs, String role) {
        ArtifactRef input = inputs.get(role);
        return input == null ? "" : input.digest();
    }

    /** {@code nearest is 3fa94c21b0de: epochs 200, not 100; goes on from its epoch 100}. */
    public String text() {
        int shown = Math.min(MOST_SHOWN, differences.size());
        return "nearest is " + key.substring(0, SHORT_KEY) + ": " + String.join(", ", differences.subList(0, shown))
                + (shown < differences.size() ? " and " + (differences.size() - shown) + " more" : "") + beginning;
    }
}
