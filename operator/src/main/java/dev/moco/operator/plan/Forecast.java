package dev.moco.operator.plan;

import dev.moco.contract.Manifest;
import dev.moco.contract.StageResult.Prepared;
import dev.moco.contract.StageTask;
import java.util.Optional;
import java.util.OptionalLong;

/** Steps of the tasks of a plan, as far as the data is known. */
public final class Forecast {
    private Forecast() {}

    /**
     * Steps of a task in all; a validation counts as the steps that would see as many images. Empty for tasks
     * that do not train, and before the training images are counted.
     */
    public static OptionalLong steps(PlannedTask task, Decision decision) {
        Optional<Prepared> images = images(task, decision, StageTask.IMAGENET);
        return task.config().map(config -> config.steps(images)).orElse(OptionalLong.empty());
    }

    /** Steps of a task that train, as a run counts them; empty likewise. */
    public static OptionalLong trainingSteps(PlannedTask task, Decision decision) {
        Optional<Prepared> images = images(task, decision, StageTask.IMAGENET);
        return task.config().map(config -> config.trainingSteps(images)).orElse(OptionalLong.empty());
    }

    /** The prepared images that a task reads; empty before they are committed, and for a task that reads none. */
    public static Optional<Prepared> images(PlannedTask task, Decision decision) {
        return images(task, decision, StageTask.IMAGENET).or(() -> images(task, decision, StageTask.VOC));
    }

    private static Optional<Prepared> images(PlannedTask task, Decision decision, String role) {
        return Optional.ofNullable(task.task().inputs().get(role)).flatMap(maker -> prepared(decision, maker));
    }

    private static Optional<Prepared> prepared(Decision decision, String maker) {
        return decision.tasks().stream()
                .filter(task ->
                        task.task().name().equals(maker) && task.task().stage().readsRawData())
                .flatMap(task -> task.manifest().map(Manifest::result).stream())
                .filter(Prepared.class::isInstance)
                .map(Prepared.class::cast)
                .findFirst();
    }
}
