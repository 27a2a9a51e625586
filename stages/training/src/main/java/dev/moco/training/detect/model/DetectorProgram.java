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

/**
 * Calls the functions of {@code detector.py}, {@code shared.py} and {@code layers.py}, which document the shapes. Lists hold one
 * tensor for each rank of this process.
 */
final class DetectorProgram implements AutoCloseable {
    private static final String DETECTOR = "/dev/moco/training/detect/detector.py";
    private static final String SHARED = "/dev/moco/training/detect/shared.py";
    private static final String LAYERS = "/dev/moco/training/detect/layers.py";

    /** Momentum that means evaluation: the batch norms use their running statistics and do not change them. */
    static final double EVALUATION = -1;

    private final TorchProgram program;
    private final DetectorLayout layout;
    private final Places places;
    private final long[] shape;
    private final List<Object> pooler;
    private final boolean bfloat16;

    DetectorProgram(Device device, DetectConfig config, DetectorLayout layout) {
        this.program = TorchProgram.compile(device, DETECTOR, SHARED, LAYERS);
        this.layout = layout;
        this.places = Places.of(layout);
        this.shape = layout.flat().shape();
        this.pooler = List.of(
                1.0 / config.architecture().strideOfLayer3(), config.regions().poolerSize());
        this.bfloat16 = config.precision() == Precision.BFLOAT16;
    }

    /** Features of the backbone, outputs of the RPN head, and the tape of the backward pass; empty if not recorded. */
    record Trunk(NDList features, NDList logits, NDList anchorDeltas, NDList tape) {
        private static Trunk of(NDList out, int ranks) {
            return new Trunk(
                    out.subNDList(0, ranks),
                    out.subNDList(ranks, 2 * ranks),
                    out.subNDList(2 * ranks, 3 * ranks),
                    out.subNDList(3 * ranks));
        }

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

    /**
     * Runs the backbone and the RPN head.
     *
     * @param recorded true if {@link #step} follows, which needs the tape
     */
    Trunk trunk(NDManager manager, DetectorState state, NDList images, double momentum, boolean recorded) {
        NDList out = program.call(manager, "trunk_forward", detector(state), images, momentum, bfloat16, recorded);
        return Trunk.of(out, images.size());
    }

    /** Runs the RoI head on regions of interest: class probabilities of each rank, then box deltas of each rank. */
    NDList predictRegions(NDManager manager, DetectorState state, NDList features, NDList regions, double momentum) {
        return program.call(manager, "predict_regions", detector(state), features, regions, pooler, momentum);
    }

    /** Computes the losses and their gradients and updates the parameters; returns the four losses, means over ranks. */
    NDArray step(
            NDManager manager,
            DetectorState state,
            Trunk trunk,
            Targets targets,
            double statisticsMomentum,
            double normalizer,
            Sgd sgd) {
        return program.callWithGradients(
                        manager,
                        "step",
                        detector(state),
                        List.of(trunk.features(), trunk.tape()),
                        List.of(targets.sampled(), targets.anchorDeltas()),
                        List.of(targets.regions(), targets.labels(), targets.foreground(), targets.boxDeltas()),
                        pooler,
                        statisticsMomentum,
                        normalizer,
                        sgd.arguments())
                .singletonOrThrow();
    }

    /** Runs the RPN head on features. */
    Trunk propose(NDManager manager, DetectorState state, NDList features) {
        NDList out = call(manager, "propose", detector(state), features);
        int ranks = features.size();
        return new Trunk(features, out.subNDList(0, ranks), out.subNDList(ranks), new NDList());
    }

    /** Images in the type and memory format of the layers. */
    NDList packed(NDManager manager, NDList images) {
        return call(manager, "packed_images", images, bfloat16);
    }

    /** The ResNet of an iteration that processes share; the parameters are those of {@link RankLayers}. */
    RankResNet network(
            NDManager manager,
            DetectorState state,
            Collectives collectives,
            int ranks,
            double momentum,
            NDList gradients) {
        RankLayers layers = new RankLayers(program, manager, state, collectives, ranks, momentum, gradients);
        return new RankResNet(layout.resnet(), places, layers, !gradients.isEmpty());
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
