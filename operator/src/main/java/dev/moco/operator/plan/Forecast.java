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
        Optional<Prepared> images = Optional.ofNullable(task.task().inputs().get(StageTask.IMAGENET))
                .flatMap(maker -> prepared(decision, maker));
        return task.config().map(config -> config.steps(images)).orElse(OptionalLong.empty());
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
