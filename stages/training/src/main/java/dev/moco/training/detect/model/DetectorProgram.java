package dev.moco.training.detect.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.Precision;
import dev.moco.training.detect.boxes.AnchorGrid;
import dev.moco.training.detect.boxes.Boxes;
import dev.moco.training.detect.boxes.RankTargets;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.resnet.EncoderLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Calls the functions of {@code detector.py}, which documents the shapes. Lists hold one tensor for each rank. */
final class DetectorProgram implements AutoCloseable {
    private static final String[] RESOURCES = {
        "/dev/moco/training/resnet/resnet.py",
        "/dev/moco/training/resnet/sgd.py",
        "/dev/moco/training/detect/detector.py"
    };

    /** Momentum that means evaluation: the batch norms use their running statistics and do not change them. */
    static final double EVALUATION = -1;

    private final TorchProgram program;
    private final long[] sizes;
    private final long[] architecture;
    private final double scale;
    private final int cells;
    private final boolean bfloat16;

    DetectorProgram(Device device, DetectConfig config, DetectorLayout layout) {
        this.program = compile(device);
        this.sizes = layout.flat().sizes();
        this.architecture = EncoderLayout.backbone(config.architecture()).arch();
        this.scale = 1.0 / config.architecture().strideOfLayer3();
        this.cells = config.regions().poolerSize();
        this.bfloat16 = config.precision() == Precision.BFLOAT16;
    }

    /** Compiles the program with further resources, which tests add. */
    static TorchProgram compile(Device device, String... more) {
        return TorchProgram.compile(
                device,
                Stream.concat(Arrays.stream(RESOURCES), Arrays.stream(more)).toArray(String[]::new));
    }

    /** Features of the backbone, outputs of the RPN head, and the tape of the backward pass; empty if not recorded. */
    record Trunk(NDList features, NDList logits, NDList deltas, NDList tape) {
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
    record SgdSettings(double learningRate, double momentum, double weightDecay) {}

    /**
     * Runs the backbone and the RPN head.
     *
     * @param recorded true if {@link #step} follows, which needs the tape
     */
    Trunk trunk(NDManager manager, DetectorState state, NDList images, double momentum, boolean recorded) {
        NDList out = program.call(
                manager,
                "trunk",
                state.parameters(),
                state.statistics(),
                images,
                sizes,
                architecture,
                momentum,
                bfloat16,
                recorded);
        return Trunk.of(out, images.size());
    }

    /** Runs the RoI head on regions of interest: class probabilities of each rank, then box deltas of each rank. */
    NDList predictRegions(NDManager manager, DetectorState state, NDList features, NDList regions, double momentum) {
        return program.call(
                manager,
                "regions",
                state.parameters(),
                state.statistics(),
                features,
                regions,
                sizes,
                architecture,
                scale,
                cells,
                momentum);
    }

    /** Computes the losses and their gradients and updates the parameters; returns the four losses, means over ranks. */
    NDArray step(
            NDManager manager,
            DetectorState state,
            Trunk trunk,
            Targets targets,
            double statisticsMomentum,
            double normalizer,
            SgdSettings sgd) {
        return program.callWithGradients(
                        manager,
                        "step",
                        state.parameters(),
                        state.statistics(),
                        state.velocity(),
                        trunk.features(),
                        trunk.tape(),
                        targets.sampled(),
                        targets.anchorDeltas(),
                        targets.regions(),
                        targets.labels(),
                        targets.foreground(),
                        targets.boxDeltas(),
                        sizes,
                        architecture,
                        scale,
                        cells,
                        statisticsMomentum,
                        normalizer,
                        sgd.learningRate(),
                        sgd.momentum(),
                        sgd.weightDecay())
                .singletonOrThrow();
    }

    void overwrite(NDManager manager, NDArray target, float[] values) {
        program.call(manager, "overwrite", target, manager.create(values));
    }

    @Override
    public void close() {
        program.close();
    }
}
