package dev.moco.training.detect.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.Precision;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.detect.boxes.AnchorGrid;
import dev.moco.training.detect.boxes.Boxes;
import dev.moco.training.detect.boxes.RankTargets;
import dev.moco.training.engine.TorchProgram;
import java.util.List;

/** Calls the functions of {@code detector.py}, which documents the shapes. Lists hold one tensor for each rank of the process. */
final class DetectorProgram implements AutoCloseable {
    static final String LAYERS = "/dev/moco/training/detect/layers.py";
    private static final String DETECTOR = "/dev/moco/training/detect/detector.py";

    private final TorchProgram program;
    private final DetectorLayout layout;
    private final Places places;
    private final Collectives collectives;
    private final long[] shape;
    private final List<Object> pooler;
    private final boolean bfloat16;

    /** @param collectives shares the ranks with other processes */
    DetectorProgram(Device device, DetectConfig config, DetectorLayout layout, Collectives collectives) {
        this.program = TorchProgram.compile(device, DETECTOR, LAYERS);
        this.layout = layout;
        this.places = Places.of(layout);
        this.collectives = collectives;
        this.shape = layout.flat().shape();
        this.pooler = List.of(
                1.0 / config.architecture().strideOfLayer3(), config.regions().poolerSize());
        this.bfloat16 = config.precision() == Precision.BFLOAT16;
    }

    /** Features of the backbone and outputs of the RPN head. */
    record Trunk(NDList features, NDList logits, NDList anchorDeltas) {
        /** Anchors of the feature map of a rank. */
        Boxes anchors(AnchorGrid grid, int rank) {
            Shape shape = features.get(rank).getShape();
            return grid.over((int) shape.get(2), (int) shape.get(3));
        }
    }

    /** Tensors of {@link RankTargets}. */
    record Targets(
            NDList sampled, NDList anchorDeltas, NDList regions, NDList labels, NDList foreground, NDList boxDeltas) {
        static Targets of(NDManager manager, List<RankTargets> ranks) {
            Targets targets =
                    new Targets(new NDList(), new NDList(), new NDList(), new NDList(), new NDList(), new NDList());
            for (RankTargets rank : ranks) {
                targets.sampled.add(manager.create(rank.sampled()));
                targets.anchorDeltas.add(rows(manager, rank.anchorDeltas(), 4));
                targets.regions.add(rows(manager, rank.regions(), 5));
                targets.labels.add(manager.create(rank.labels()));
                targets.foreground.add(manager.create(rank.foreground()));
                targets.boxDeltas.add(rows(manager, rank.boxDeltas(), 4));
            }
            return targets;
        }

        private static NDArray rows(NDManager manager, float[] values, int columns) {
            return manager.create(values, new Shape(values.length / columns, columns));
        }
    }

    /** Hyperparameters of a step of SGD. */
    record Sgd(double learningRate, double momentum, double weightDecay) {
        List<Object> arguments() {
            return List.of(learningRate, momentum, weightDecay);
        }
    }

    /** Runs the backbone and the RPN head in evaluation, on a list of one batch. */
    Trunk detectTrunk(NDManager manager, DetectorState state, NDList images) {
        NDList out = call(manager, "detect_trunk", detector(state), images, bfloat16);
        return new Trunk(out.subNDList(0, 1), out.subNDList(1, 2), out.subNDList(2));
    }

    /** Runs the RoI head in evaluation, on regions of one batch: class probabilities, then box deltas. */
    NDList detectRegions(NDManager manager, DetectorState state, NDList features, NDList regions) {
        return call(manager, "detect_regions", detector(state), features, regions, pooler);
    }

    /** Runs the RPN head on features. */
    Trunk propose(NDManager manager, DetectorState state, NDList features) {
        NDList out = call(manager, "propose", detector(state), features);
        return new Trunk(features, out.subNDList(0, features.size()), out.subNDList(features.size()));
    }

    /** Images in the type and memory format of the layers. */
    NDList packed(NDManager manager, NDList images) {
        return call(manager, "packed_images", images, bfloat16);
    }

    /** The ResNet of one iteration; the parameters are those of {@link RankLayers}. */
    RankResNet network(NDManager manager, DetectorState state, int ranks, double momentum, NDList gradients) {
        RankLayers layers = new RankLayers(program, manager, state, collectives, ranks, momentum, gradients);
        return new RankResNet(layout.resnet(), places, layers, !gradients.isEmpty());
    }

    Collectives collectives() {
        return collectives;
    }

    Places places() {
        return places;
    }

    /** The {@code RoiAlign} that the program's functions take. */
    List<Object> pooler() {
        return pooler;
    }

    NDList call(NDManager manager, String function, Object... arguments) {
        return program.call(manager, function, arguments);
    }

    NDList callWithGradients(NDManager manager, String function, Object... arguments) {
        return program.callWithGradients(manager, function, arguments);
    }

    /** The {@code Detector} that the program's functions take. */
    List<Object> detector(DetectorState state) {
        return List.of(state.parameters(), state.statistics(), state.velocity(), shape);
    }

    void overwrite(NDManager manager, NDArray target, float[] values) {
        program.call(manager, "overwrite", target, manager.create(values));
    }

    @Override
    public void close() {
        program.close();
    }
}
