package dev.moco.training.collectives;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients through a gather and through a batch norm over all processes, against autograd over the whole batch. */
class CollectivesGradientTest {
    private static final String PROGRAM = "/dev/moco/training/collectives/gathered.py";
    private static final int RANKS = 4;
    private static final int SHARE = 3;
    private static final int WIDTH = 5;
    private static final int ROWS = RANKS * SHARE;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void theBackwardOfAGatherIsAReduceScatter(int size) throws Exception {
        float[] expected;
        try (NDManager manager = TorchEngine.start(1, Device.cpu());
                TorchProgram program = TorchProgram.compile(Device.cpu(), PROGRAM)) {
            expected = program.callWithGradients(manager, "whole_gradient", rows(manager, 0, ROWS), RANKS)
                    .singletonOrThrow()
                    .toFloatArray();
        }
        List<float[]> found = Processes.of(size, (collectives, scope) -> {
            try (TorchProgram program = TorchProgram.compile(Device.cpu(), PROGRAM)) {
                World world = collectives.world();
                int first = world.firstRank(RANKS);
                NDArray own = rows(scope, first * SHARE, world.ranks(RANKS) * SHARE);
                NDArray gathered = collectives.allGather(scope, own);
                NDList direct = new NDList();
                List<NDArray> throughGather = new ArrayList<>();
                for (int rank = first; rank < first + world.ranks(RANKS); rank++) {
                    NDList gradients = program.callWithGradients(
                            scope, "contrast_gradients", rows(scope, rank * SHARE, SHARE), gathered, rank);
                    direct.add(gradients.get(0));
                    throughGather.add(gradients.get(1));
                }
                NDArray gradient = collectives.reduceScatter(scope, throughGather);
                NDArray sum = direct.get(0);
                for (NDArray next : direct.subList(1, direct.size())) {
                    sum = sum.concat(next);
                }
                return sum.add(gradient).toFloatArray();
            }
        });
        assertThat(joined(found)).containsExactly(expected, Offset.offset(1e-5f));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void smallSumsMakeABatchNormOverAllProcesses(int size) throws Exception {
        float[] expected;
        try (NDManager manager = TorchEngine.start(1, Device.cpu());
                TorchProgram program = TorchProgram.compile(Device.cpu(), PROGRAM)) {
            expected = program.callWithGradients(
                            manager, "whole_norm_gradient", rows(manager, 0, ROWS), rows(manager, ROWS, ROWS))
                    .singletonOrThrow()
                    .toFloatArray();
        }
        List<float[]> found = Processes.of(size, (collectives, scope) -> {
            try (TorchProgram program = TorchProgram.compile(Device.cpu(), PROGRAM)) {
                int share = ROWS / size;
                NDArray x = rows(scope, collectives.world().index() * share, share);
                NDArray outputGradient = rows(scope, ROWS + collectives.world().index() * share, share);
                NDArray sums = program.call(scope, "norm_sums", x).singletonOrThrow();
                collectives.sumInOrder(List.of(sums), sums);
                NDArray backward = program.call(scope, "norm_backward_sums", x, sums, ROWS, outputGradient)
                        .singletonOrThrow();
                collectives.sumInOrder(List.of(backward), backward);
                return program.call(scope, "norm_backward", x, sums, ROWS, outputGradient, backward)
                        .singletonOrThrow()
                        .toFloatArray();
            }
        });
        assertThat(joined(found)).containsExactly(expected, Offset.offset(1e-4f));
    }

    private static NDArray rows(NDManager manager, int first, int count) {
        CounterRandom random = CounterRandom.of(11, 0);
        float[] numbers = new float[2 * ROWS * WIDTH];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return manager.create(numbers, new Shape(2 * ROWS, WIDTH))
                .get(new NDIndex().addSliceDim(first, first + count))
                .duplicate();
    }

    private static float[] joined(List<float[]> parts) {
        float[] joined = new float[parts.size() * parts.get(0).length];
        for (int i = 0; i < parts.size(); i++) {
            System.arraycopy(parts.get(i), 0, joined, i * parts.get(i).length, parts.get(i).length);
        }
        return joined;
    }
}
