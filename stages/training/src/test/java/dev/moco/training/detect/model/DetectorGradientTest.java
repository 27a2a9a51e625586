package dev.moco.training.detect.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.DetectConfig;
import dev.moco.training.VectorNumbers;
import dev.moco.training.detect.boxes.AnchorGrid;
import dev.moco.training.detect.boxes.RankTargets;
import dev.moco.training.detect.boxes.TargetAssignment;
import dev.moco.training.detect.input.ImageBatch;
import dev.moco.training.detect.input.TinyScenes;
import dev.moco.training.detect.input.TrainingImage;
import dev.moco.training.engine.TorchEngine;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares the gradients of an iteration with finite differences of its losses, in float64. */
class DetectorGradientTest {
    private static final int IMAGES_OF_RANK = 2;
    private static final double STEP = 1e-8;

    /** Settings with which a step leaves the gradients in the velocity and does not change the parameters. */
    private static final DetectorProgram.Sgd NO_UPDATE = new DetectorProgram.Sgd(0, 0, 0);

    @ParameterizedTest(name = "{0} ranks")
    @ValueSource(ints = {1, 2})
    void gradientsAreThoseOfFiniteDifferences(int ranks) {
        DetectConfig config = TinyScenes.config(1, ranks * IMAGES_OF_RANK, ranks);
        AnchorGrid grid = new AnchorGrid(config.anchors(), config.architecture().strideOfLayer3());
        DetectorLayout layout = DetectorLayout.of(config.architecture(), grid.perCell(), TinyScenes.CLASSES);
        InitialWeights weights = InitialWeights.draw(layout, 7);
        List<List<TrainingImage>> images = TinyScenes.ranks(ranks, IMAGES_OF_RANK, 1);
        try (NDManager manager = TorchEngine.start(1);
                DetectorProgram program = new DetectorProgram(Device.cpu(), config, layout)) {
            NDArray parameters = manager.create(weights.parameters()).toType(DataType.FLOAT64, true);
            NDArray statistics = manager.create(weights.statistics()).toType(DataType.FLOAT64, true);
            NDList pixels = new NDList();
            images.forEach(ofRank -> pixels.add(ImageBatch.tensor(
                            manager, ofRank.stream().map(TrainingImage::pixels).toList())
                    .toType(DataType.FLOAT64, true)));
            Iteration iteration = new Iteration(manager, program, config, grid, images, pixels, statistics);
            DetectorProgram.Targets targets = iteration.targets(parameters);
            NDArray direction =
                    manager.create(VectorNumbers.symmetric(5, (int) parameters.size()), new Shape(parameters.size()));

            NDArray gradient = manager.zeros(parameters.getShape(), DataType.FLOAT64);
            iteration.loss(parameters, gradient, targets);
            double expected = (iteration.loss(parameters.add(direction.mul(STEP)), gradient.zerosLike(), targets)
                            - iteration.loss(parameters.sub(direction.mul(STEP)), gradient.zerosLike(), targets))
                    / (2 * STEP);

            assertThat(Math.abs(expected)).isGreaterThan(1e-3);
            assertThat(gradient.mul(direction).sum().getDouble())
                    .isCloseTo(expected, within(1e-5 * Math.abs(expected)));
        }
    }

    /** An iteration on fixed images and statistics, for any parameters. */
    private record Iteration(
            NDManager manager,
            DetectorProgram program,
            DetectConfig config,
            AnchorGrid grid,
            List<List<TrainingImage>> images,
            NDList pixels,
            NDArray statistics) {

        private DetectorProgram.Trunk trunk(DetectorState state) {
            return program.trunk(manager, state, pixels, .1, true);
        }

        private DetectorState state(NDArray parameters, NDArray velocity) {
            return new DetectorState(parameters, statistics.duplicate(), velocity);
        }

        private DetectorProgram.Targets targets(NDArray parameters) {
            DetectorProgram.Trunk trunk = trunk(state(parameters, parameters));
            TargetAssignment assignment = new TargetAssignment(config, TinyScenes.CLASSES);
            List<RankTargets> targets = Detector.targets(assignment, grid, images, trunk, 0);
            DetectorProgram.Targets drawn = DetectorProgram.Targets.of(manager, targets);
            return new DetectorProgram.Targets(
                    drawn.sampled(),
                    doubles(drawn.anchorDeltas()),
                    doubles(drawn.regions()),
                    drawn.labels(),
                    drawn.foreground(),
                    doubles(drawn.boxDeltas()));
        }

        /** Returns the sum of the losses and leaves their gradients in {@code velocity}. */
        private double loss(NDArray parameters, NDArray velocity, DetectorProgram.Targets targets) {
            DetectorState state = state(parameters, velocity);
            double normalizer = config.proposals().batchPerImage() * IMAGES_OF_RANK;
            return program.step(manager, state, trunk(state), targets, .1, normalizer, NO_UPDATE)
                    .sum()
                    .getDouble();
        }
    }

    private static NDList doubles(NDList arrays) {
        return new NDList(arrays.stream()
                .map(array -> array.toType(DataType.FLOAT64, true))
                .toList());
    }
}
