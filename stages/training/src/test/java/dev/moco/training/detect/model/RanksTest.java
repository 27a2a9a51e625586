package dev.moco.training.detect.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.Architecture;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests that several ranks have the gradients of one batch of all images, as they share batch statistics; in float64. */
class RanksTest {
    private static final int SIDE = 32;

    private final NDManager manager = TorchEngine.start(1);
    private final TorchProgram program =
            TorchProgram.compile(Device.cpu(), "/dev/moco/training/detect/rank_gradient.py");
    private final DetectorLayout layout = DetectorLayout.of(Architecture.RESNET10W16, 3, 2);
    private final InitialWeights weights = InitialWeights.draw(layout, 1);
    private final NDArray first = image(1);
    private final NDArray second = image(2);

    @AfterEach
    void close() {
        program.close();
        manager.close();
    }

    @Test
    void twoRanksOfOneImageEqualOneRankOfTwo() {
        NDList apart = new NDList(first, second);
        NDList together = new NDList(first.concat(second));

        double[] gradient = gradient(together, 0);
        double[] ofFirst = gradient(apart, 0);
        double[] ofSecond = gradient(apart, 1);

        double[] sum = IntStream.range(0, gradient.length)
                .mapToDouble(i -> ofFirst[i] + ofSecond[i])
                .toArray();
        double largest = IntStream.range(0, sum.length)
                .mapToDouble(i -> Math.abs(sum[i]))
                .max()
                .orElseThrow();
        assertThat(largest).isGreaterThan(0);
        assertThat(sum).containsExactly(gradient, within(1e-9 * largest));
    }

    /** Gradients of the sum of a rank's objectness logits. */
    private double[] gradient(NDList images, int rank) {
        NDArray parameters = doubles(weights.parameters());
        List<Object> detector = List.of(
                parameters,
                doubles(weights.statistics()),
                parameters.zerosLike(),
                layout.flat().shape());
        return program.callWithGradients(manager, "rank_gradient", detector, images, rank)
                .singletonOrThrow()
                .toDoubleArray();
    }

    private NDArray image(long seed) {
        CounterRandom random = CounterRandom.of(seed);
        double[] pixels = IntStream.range(0, 3 * SIDE * SIDE)
                .mapToDouble(i -> random.nextGaussian())
                .toArray();
        return manager.create(pixels, new Shape(1, 3, SIDE, SIDE));
    }

    private NDArray doubles(float[] values) {
        return manager.create(
                IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray());
    }
}
