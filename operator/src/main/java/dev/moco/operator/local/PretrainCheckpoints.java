package dev.moco.operator.local;

import dev.moco.artifacts.Checkpoints;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult.Prepared;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Forecast;
import dev.moco.operator.plan.PlannedTask;
import java.io.IOException;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Kept checkpoints of the pre-training of an experiment.
 *
 * @param byEpoch where each is, as {@code spec.encoder.from} names it, by the number of epochs before it
 */
public record PretrainCheckpoints(NavigableMap<Integer, String> byEpoch) {
    public PretrainCheckpoints {
        byEpoch = Collections.unmodifiableNavigableMap(new TreeMap<>(byEpoch));
    }

    /**
     * Finds those of the experiment of a plan, of which there is at least one.
     *
     * @throws StageFailure bad configuration, if it has no pre-training, or one that has kept none
     */
    public static PretrainCheckpoints of(Decision decision, LocalStore store) throws IOException {
        PlannedTask task = decision.tasks().stream()
                .filter(planned -> planned.task().stage() == Stage.PRETRAIN)
                .findFirst()
                .orElseThrow(
                        () -> StageFailure.badConfig("the experiment has no pre-training, whose checkpoints could be"
                                + " evaluated; `moco run` evaluates spec.encoder"));
        Prepared images = Forecast.images(task, decision)
                .orElseThrow(() -> StageFailure.badConfig("the experiment's images are not prepared in "
                        + store.artifacts().objects().place()
                        + ", so its pre-training has not run; `moco run` runs it"));
        PretrainConfig config = (PretrainConfig) task.config().orElseThrow();
        long stepsPerEpoch = Math.max(1, config.stepsPerEpoch(images.trainImages()));
        String key = task.key().orElseThrow();
        Checkpoints checkpoints = store.artifacts().checkpoints(Stage.PRETRAIN, key);
        NavigableMap<Integer, String> byEpoch = new TreeMap<>();
        long steps = config.epochs() * stepsPerEpoch;
        // No later step is of this pre-training, whatever is in the store.
        for (long step : checkpoints.kept().headSet(steps, true)) {
            byEpoch.put(Math.toIntExact(step / stepsPerEpoch), store.source(checkpoints.path(step)));
        }
        if (byEpoch.isEmpty()) {
            throw StageFailure.badConfig("pre-training " + key.substring(0, 12) + " has kept no checkpoint in "
                    + store.artifacts().objects().place()
                    + "; spec.retention.checkpoints.everyEpochs says which it keeps, before it runs");
        }
        return new PretrainCheckpoints(byEpoch);
    }

    /**
     * The checkpoint after some epochs.
     *
     * @throws StageFailure bad configuration, naming those that there are
     */
    public String of(int epoch) {
        String found = byEpoch.get(epoch);
        if (found == null) {
            throw StageFailure.badConfig("no checkpoint is kept of epoch " + epoch + "; there are those of "
                    + byEpoch.keySet().stream().map(String::valueOf).collect(Collectors.joining(", ")));
        }
        return found;
    }
}
