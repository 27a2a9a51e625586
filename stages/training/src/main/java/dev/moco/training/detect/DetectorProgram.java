package dev.moco.training.detect;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.Architecture;
import dev.moco.training.engine.TorchProgram;
import java.util.List;

/** Calls of {@code detector.py}, which has the shapes; lists hold a tensor a rank. */
final class DetectorProgram implements AutoCloseable {
    private static final String RESOURCE = "/dev/moco/training/detect/detector.py";

    /** Momentum that stands for evaluation: batch norms use and keep their running statistics. */
    static final double EVALUATION = -1;

    private final TorchProgram program;
    private final long[] shape;
    private final List<Object> pooler;
    private final boolean bfloat16;

    DetectorProgram(Device device, Architecture architecture, Layout layout, int cells, boolean bfloat16) {
        this.program = compile(device);
        this.shape = layout.flat().shape();
        this.pooler = List.of(1.0 / architecture.strideOfLayer3(), cells);
        this.bfloat16 = bfloat16;
    }

    private static TorchProgram compile(Device device) {
        return TorchProgram.compile(device, RESOURCE);
    }

    /** What the trunk says of the images of each rank, and what the way back needs, if it was recorded. */
    record Trunk(NDList features, NDList logits, NDList deltas, NDList tape) {
        private static Trunk of(NDList out, int ranks) {
            return new Trunk(
                    out.subNDList(0, ranks),
                    out.subNDList(ranks, 2 * ranks),
                    out.subNDList(2 * ranks, 3 * ranks),
                    out.subNDList(3 * ranks));
        }
    }

    /** Tensors of {@link RankTargets}. */
    record Targets(NDList sampled, NDList moves, NDList regions, NDList labels, NDList foreground, NDList shifts) {
        static Targets of(NDManager manager, List<RankTargets> ranks) {
            Targets targets =
                    new Targets(new NDList(), new NDList(), new NDList(), new NDList(), new NDList(), new NDList());
            for (RankTargets rank : ranks) {
                targets.sampled.add(manager.create(rank.sampled()));
                targets.moves.add(rows(manager, rank.moves(), 4));
                targets.regions.add(rows(manager, rank.regions(), 5));
                targets.labels.add(manager.create(rank.labels()));
                targets.foreground.add(manager.create(rank.foreground()));
                targets.shifts.add(rows(manager, rank.shifts(), 4));
            }
            return targets;
        }

        private static NDArray rows(NDManager manager, float[] values, int columns) {
            return manager.create(values, new Shape(values.length / columns, columns));
        }
    }

    /** The step of SGD. */
    record Descent(double rate, double momentum, double weightDecay) {}

    /**
     * The trunk.
     *
     * @param recorded whether {@link #step} goes on from it
     */
    Trunk trunk(NDManager manager, DetectorState state, NDList images, double momentum, boolean recorded) {
        NDList out = program.call(manager, "trunk_forward", detector(state), images, momentum, bfloat16, recorded);
        return Trunk.of(out, images.size());
    }

    /** Class probabilities of each rank, then deltas. */
    NDList regions(NDManager manager, DetectorState state, NDList features, NDList regions, double momentum) {
        return program.call(manager, "predict_regions", detector(state), features, regions, pooler, momentum);
    }

    /** Losses, gradient and update; the four losses, means over the ranks. */
    NDArray step(
            NDManager manager,
            DetectorState state,
            Trunk trunk,
            Targets targets,
            double statisticsMomentum,
            double normalizer,
            Descent descent) {
        return program.callWithGradients(
                        manager,
                        "step",
                        detector(state),
                        List.of(trunk.features(), trunk.logits(), trunk.deltas(), trunk.tape()),
                        List.of(targets.sampled(), targets.moves()),
                        List.of(targets.regions(), targets.labels(), targets.foreground(), targets.shifts()),
                        pooler,
                        statisticsMomentum,
                        normalizer,
                        List.of(descent.rate(), descent.momentum(), descent.weightDecay()))
                .singletonOrThrow();
    }

    /** The {@code Detector} that the program's functions take. */
    private List<Object> detector(DetectorState state) {
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
