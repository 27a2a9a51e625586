package dev.moco.operator.plan;

import dev.moco.contract.DetectConfig;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.Manifest;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.Stage;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageResult.Prepared;
import dev.moco.contract.StageTask;
import java.util.Optional;
import java.util.OptionalLong;

/** What is left of a plan in steps, as far as the data is known. */
public final class Forecast {
    private Forecast() {}

    /**
     * Steps of a task in all; a validation counts as the steps that would see as many images. Empty for tasks that do not
     * train, and before the training images are counted.
     */
    public static OptionalLong steps(PlannedTask task, Decision decision) {
        Optional<Prepared> images = Optional.ofNullable(task.task().inputs().get(StageTask.IMAGENET))
                .flatMap(maker -> prepared(decision, maker));
        StageConfig config = task.config().orElse(null);
        if (config instanceof DetectConfig detect) {
            return OptionalLong.of(detect.solver().iterations());
        } else if (config instanceof PretrainConfig pretrain && images.isPresent()) {
            // The last batch of an epoch is left out if it is not full.
            return OptionalLong.of(pretrain.epochs() * (images.get().trainImages() / pretrain.batchSize()));
        } else if (config instanceof LinearConfig linear && images.isPresent()) {
            long seen = images.get().trainImages() + images.get().validationImages();
            return OptionalLong.of(linear.epochs() * ((seen + linear.batchSize() - 1) / linear.batchSize()));
        }
        return OptionalLong.empty();
    }

    private static Optional<Prepared> prepared(Decision decision, String maker) {
        return decision.tasks().stream()
                .filter(task -> task.task().name().equals(maker) && task.task().stage() == Stage.PREPARE)
                .flatMap(task -> task.manifest().map(Manifest::result).stream())
                .filter(Prepared.class::isInstance)
                .map(Prepared.class::cast)
                .findFirst();
    }
}
