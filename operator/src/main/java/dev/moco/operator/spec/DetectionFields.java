package dev.moco.operator.spec;

import dev.moco.contract.DetectConfig;
import dev.moco.contract.DetectConfig.Anchors;
import dev.moco.contract.DetectConfig.Input;
import dev.moco.contract.DetectConfig.Proposals;
import dev.moco.contract.DetectConfig.Regions;
import dev.moco.contract.DetectConfig.Solver;
import dev.moco.contract.Experiment;
import dev.moco.contract.Optimizer.Schedule;
import dev.moco.contract.PretrainConfig;
import dev.moco.operator.api.Syntax;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** {@code spec.detection}; defaults are the paper's R50-C4, 24k iterations (docs/method.md §3.1-3.2). */
final class DetectionFields {
    private static final int MOST_BOXES = 1_000_000;

    private DetectionFields() {}

    static Optional<Experiment.Detection> read(Fields fields, PretrainConfig pretrain) {
        boolean enabled = fields.flag("enabled", true);
        int trials = fields.integer("trials", 5, 1, 20);
        DetectConfig config = new DetectConfig(
                pretrain.architecture(),
                input(fields),
                new Anchors(
                        fields.integers("anchorSizes", List.of(32, 64, 128, 256, 512), 1, 10_000),
                        fields.decimals("anchorRatios", List.of(0.5, 1.0, 2.0), 100)),
                new Proposals(
                        fields.integer("anchorsPerImage", 256, 1, MOST_BOXES),
                        0.5,
                        fields.integer("trainProposalsBeforeNms", 12_000, 1, MOST_BOXES),
                        fields.integer("trainProposals", 2000, 1, MOST_BOXES),
                        fields.integer("testProposalsBeforeNms", 6000, 1, MOST_BOXES),
                        fields.integer("testProposals", 1000, 1, MOST_BOXES),
                        fields.decimal("proposalNmsThreshold", 0.7, 0, true, 1)),
                new Regions(
                        fields.integer("regionsPerImage", 512, 1, MOST_BOXES),
                        0.25,
                        fields.integer("poolerSize", 14, 2, 64),
                        fields.decimal("scoreThreshold", 0.05, 0, false, 1),
                        fields.decimal("nmsThreshold", 0.5, 0, true, 1),
                        fields.integer("detectionsPerImage", 100, 1, MOST_BOXES)),
                solver(fields),
                fields.integer("preciseBnIterations", 200, 0, 100_000),
                Choices.precision(fields),
                fields.whole("seed", pretrain.seed(), 0, Syntax.LARGEST));
        if (config.anchors().sizes().isEmpty()) {
            fields.broken("anchorSizes", "must have at least one", "none");
        }
        if (config.anchors().ratios().isEmpty()) {
            fields.broken("anchorRatios", "must have at least one", "none");
        }
        fields.refuseOthers();
        return enabled ? Optional.of(new Experiment.Detection(config, trials)) : Optional.empty();
    }

    private static Input input(Fields fields) {
        List<Integer> paper =
                IntStream.rangeClosed(0, 10).mapToObj(i -> 480 + 32 * i).toList();
        Input input = new Input(
                fields.integers("trainSizes", paper, 16, 10_000),
                fields.integer("testSize", 800, 16, 10_000),
                fields.integer("maxSize", 1333, 16, 20_000));
        if (input.trainSizes().isEmpty()) {
            fields.broken("trainSizes", "must have at least one", "none");
        }
        return input;
    }

    private static Solver solver(Fields fields) {
        int iterations = fields.integer("iterations", 24_000, 1, 100_000_000);
        int batchSize = fields.integer("batchSize", 16, 1, 65_536);
        int gpus = fields.integer("gpus", 8, 1, 1024);
        if (!fields.wrong("gpus") && batchSize % gpus != 0) {
            fields.broken("batchSize", "must be a multiple of gpus (" + gpus + ")", batchSize);
        }
        return new Solver(
                iterations,
                batchSize,
                gpus,
                fields.decimal("learningRate", 0.02, 0, true, 1000),
                fields.decimal("momentum", 0.9, 0, false, 1),
                fields.decimal("weightDecay", 1e-4, 0, false, 1),
                Choices.milestones(fields, List.of(18_000, 22_000), Schedule.STEP, iterations, "iterations"),
                fields.integer("warmupIterations", 100, 0, 1_000_000),
                0.001);
    }
}
