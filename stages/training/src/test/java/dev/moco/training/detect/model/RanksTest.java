package dev.moco.training.detect.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.collectives.Processes;
import dev.moco.training.collectives.World;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.detect.input.TinyScenes;
import dev.moco.training.engine.TorchEngine;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that ranks share batch statistics, and gradients through them, in one process and in several. */
class RanksTest {
    private static final int SIDE = 32;
    private static final int RANKS = 4;

    private final DetectorLayout layout =
            DetectorLayout.of(TinyScenes.config(1, 4, 4).architecture(), 2, 3);
    private final InitialWeights weights = InitialWeights.draw(layout, 1);

    /** Results of a forward and a backward pass. */
    @SuppressWarnings("ArrayRecordComponent") // compared as arrays
    private record TrunkResults(double[] gradient, double[] statistics) {}

    @Test
    void twoRanksOfOneImageEqualOneRankOfTwo() {
        try (NDManager manager = TorchEngine.start(1)) {
            NDArray first = image(manager, 1, SIDE);
            NDArray second = image(manager, 2, SIDE);
            NDList apart = new NDList(first, second);

            double[] gradient = run(manager, Collectives.ALONE, new NDList(first.concat(second)), 1).gradient;
            double[] ofFirst = run(manager, Collectives.ALONE, apart, 1, 0).gradient;
            double[] ofSecond = run(manager, Collectives.ALONE, apart, 0, 1).gradient;

            double[] sum = IntStream.range(0, gradient.length)
                    .mapToDouble(i -> ofFirst[i] + ofSecond[i])
                    .toArray();
            double largest = Arrays.stream(sum).map(Math::abs).max().orElseThrow();
            assertThat(largest).isGreaterThan(0);
            assertThat(sum).containsExactly(gradient, within(1e-9 * largest));
        }
    }

    @ParameterizedTest(name = "{0} processes")
    @ValueSource(ints = {2, 4})
    void processesThatShareTheRanksHaveTheBytesOfOne(int size) throws Exception {
        TrunkResults alone = ends(1).get(0);
        assertThat(alone.statistics).isNotEqualTo(weights.statistics());
        assertThat(ends(size)).hasSize(size).allSatisfy(found -> {
            assertThat(found.gradient).isEqualTo(alone.gradient);
            assertThat(found.statistics).isEqualTo(alone.statistics);
        });
    }

    private List<TrunkResults> ends(int size) throws Exception {
        return Processes.of(size, (collectives, scope) -> {
            World world = collectives.world();
            int own = world.ranks(RANKS);
            NDList images = new NDList();
            double[] scales = new double[own];
            for (int i = 0; i < own; i++) {
                int rank = world.firstRank(RANKS) + i;
                images.add(image(scope, rank, SIDE + 16 * rank).toType(DataType.FLOAT32, true));
                scales[i] = 0.3 + rank;
            }
            return run(scope, collectives, images, scales);
        });
    }

    /** Runs the trunk on a list of images by rank; each rank's scale is the gradient of its features. */
    private TrunkResults run(NDManager manager, Collectives collectives, NDList images, double... scales) {
        DataType type = images.get(0).getDataType();
        NDArray parameters = manager.create(weights.parameters()).toType(type, true);
        NDArray statistics = manager.create(weights.statistics()).toType(type, true);
        DetectorState state = new DetectorState(parameters, statistics, parameters);
        NDList gradients = new NDList();
        for (int i = 0; i < (collectives.world().writes() ? 1 : images.size()); i++) {
            gradients.add(manager.zeros(parameters.getShape(), type));
        }
        int ranks = images.size() * collectives.world().size();
        try (DetectorProgram program =
                new DetectorProgram(Device.cpu(), TinyScenes.config(1, 4, 4), layout, collectives)) {
            RankResNet network = program.network(manager, state, ranks, .1, gradients);
            NDList features = network.trunk(program.packed(manager, images));
            NDList grads = new NDList();
            for (int i = 0; i < scales.length; i++) {
                grads.add(features.get(i).mul(0).add(scales[i]));
            }
            network.trunkBackward(grads);
            collectives.sumInOrder(gradients, gradients.get(0));
            return new TrunkResults(doubles(gradients.get(0)), doubles(statistics));
        }
    }

    private static double[] doubles(NDArray array) {
        return array.toType(DataType.FLOAT64, true).toDoubleArray();
    }

    private static NDArray image(NDManager manager, long seed, int width) {
        CounterRandom random = CounterRandom.of(seed);
        double[] pixels = IntStream.range(0, 3 * SIDE * width)
                .mapToDouble(i -> random.nextGaussian())
                .toArray();
        return manager.create(pixels, new Shape(1, 3, SIDE, width));
    }
}
