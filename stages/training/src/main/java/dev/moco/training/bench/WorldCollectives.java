package dev.moco.training.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StageFailure;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.collectives.World;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.FlatLayout;
import java.util.ArrayList;
import java.util.List;

/** Sums and gathers of a step of pre-training over all processes, and sums of other sizes. */
final class WorldCollectives {
    /** A sum of no particular array. */
    static final String SUM = "sum";
    /** Sum of the gradient. */
    static final String GRADIENT = "gradient";
    /** Gather of a batch's keys. */
    static final String KEYS = "keys";
    /** Gather of a batch's key views. */
    static final String VIEWS = "views";

    /** Sizes of sums besides the gradient's. */
    private static final List<Long> SIZES = List.of(1L << 16, 1L << 20, 1L << 24);
    /** Calls for each wait, which takes tens of microseconds on a GPU. */
    private static final int CALLS = 5;

    private final Collectives collectives;
    private final World world;
    private final NDManager manager;
    private final WorldRepetitions repetitions;

    WorldCollectives(Collectives collectives, NDManager manager, WorldRepetitions repetitions) {
        this.collectives = collectives;
        this.world = collectives.world();
        this.manager = manager;
        this.repetitions = repetitions;
    }

    /** Measures every size; fails if a result is not the right one. */
    List<WorldTimes> times(PretrainConfig config) throws Exception {
        List<WorldTimes> times = new ArrayList<>();
        for (long bytes : SIZES) {
            times.add(sum(SUM, bytes));
        }
        times.add(sum(GRADIENT, gradientBytes(config)));
        times.add(gather(KEYS, (long) config.batchSize() * config.dimension() * Float.BYTES));
        times.add(gather(VIEWS, viewBytes(config)));
        return times;
    }

    /** Bytes of the gradient, which every step sums. */
    static long gradientBytes(PretrainConfig config) {
        EncoderLayout layout = EncoderLayout.of(config.architecture(), config.head(), config.dimension());
        return (long) FlatLayout.length(layout.parameters()) * Float.BYTES;
    }

    /** Bytes of the key views of a batch, which every step gathers. */
    static long viewBytes(PretrainConfig config) {
        return 3L * config.imageSize() * config.imageSize() * config.batchSize();
    }

    private WorldTimes sum(String work, long bytes) throws Exception {
        try (NDManager scope = manager.newSubManager()) {
            Shape shape = new Shape(bytes / Float.BYTES);
            NDArray own = scope.full(shape, (float) world.index() + 1);
            NDArray sum = scope.zeros(shape);
            collectives.sumInOrder(List.of(own), sum);
            double expected = world.size() * (world.size() + 1) / 2.0;
            require(work, sum, 0, expected);
            require(work, sum, sum.size() - 1, expected);
            Timings timings = repetitions.time(name(work, bytes), number -> {
                for (int call = 0; call < CALLS; call++) {
                    collectives.sumInOrder(List.of(own), sum);
                }
                sum.getFloat(0); // waits for the device
            });
            return WorldTimes.of(work, shape.size() * Float.BYTES, ofOneCall(timings));
        }
    }

    /** @param bytes of all processes together */
    private WorldTimes gather(String work, long bytes) throws Exception {
        try (NDManager scope = manager.newSubManager()) {
            long share = Math.max(1, bytes / Float.BYTES / world.size());
            NDArray own = scope.full(new Shape(share), (float) world.index() + 1);
            try (NDArray all = collectives.allGather(scope, own)) {
                for (int index = 0; index < world.size(); index++) {
                    require(work, all, index * share, index + 1);
                    require(work, all, (index + 1) * share - 1, index + 1);
                }
            }
            Timings timings = repetitions.time(name(work, bytes), number -> {
                for (int call = 0; call < CALLS; call++) {
                    try (NDArray all = collectives.allGather(scope, own)) {
                        if (call == CALLS - 1) {
                            all.getFloat(0); // waits for the device
                        }
                    }
                }
            });
            return WorldTimes.of(work, share * world.size() * Float.BYTES, ofOneCall(timings));
        }
    }

    private static String name(String work, long bytes) {
        return work + " of " + bytes + " bytes";
    }

    private static Timings ofOneCall(Timings timings) {
        return new Timings(
                timings.seconds().stream().map(seconds -> seconds / CALLS).toList());
    }

    private static void require(String work, NDArray result, long at, double expected) {
        float found = result.getFloat(at);
        if (found != expected) {
            throw StageFailure.fault(work + ": a result of " + result.size() + " numbers must have " + expected
                    + " at position " + at + ", found " + found);
        }
    }

    /**
     * Bytes that each process sends, for each byte of the array: the rate on the bus is the same for every number of
     * processes, as nccl-tests has it.
     */
    static double bytesSent(String work, int devices) {
        double others = (devices - 1.0) / devices;
        return work.equals(KEYS) || work.equals(VIEWS) ? others : 2 * others;
    }
}
