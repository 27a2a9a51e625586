package dev.moco.operator.spec;

import dev.moco.contract.Experiment;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Optimizer.Schedule;
import dev.moco.contract.PretrainConfig;
import dev.moco.operator.api.Syntax;
import java.util.List;
import java.util.Optional;

/** {@code spec.linear}; defaults are the paper's (docs/method.md §2). */
final class LinearFields {
    private LinearFields() {}

    static Optional<Experiment.Linear> read(Fields fields, PretrainConfig pretrain) {
        boolean enabled = fields.flag("enabled", true);
        boolean baseline = fields.flag("baseline", false);
        int epochs = fields.integer("epochs", 100, 1, 100_000);
        Schedule schedule = Choices.schedule(fields, Schedule.STEP);
        LinearConfig config = new LinearConfig(
                pretrain.architecture(),
                false,
                0,
                fields.integer("imageSize", pretrain.imageSize(), 16, 4096),
                epochs,
                fields.integer("batchSize", 256, 1, 1 << 20),
                new Optimizer(
                        fields.decimal("learningRate", 30, 0, true, 100_000),
                        fields.decimal("momentum", 0.9, 0, false, 1),
                        fields.decimal("weightDecay", 0, 0, false, 1),
                        schedule,
                        Choices.milestones(fields, List.of(60, 80), schedule, epochs, "epochs")),
                Choices.precision(fields),
                fields.whole("seed", pretrain.seed(), 0, Syntax.LARGEST));
        fields.refuseOthers();
        return enabled ? Optional.of(new Experiment.Linear(config, baseline)) : Optional.empty();
    }
}
