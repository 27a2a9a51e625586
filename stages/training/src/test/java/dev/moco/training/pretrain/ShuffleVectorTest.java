package dev.moco.training.pretrain;

import static dev.moco.training.VectorNumbers.doubles;
import static dev.moco.training.VectorNumbers.ints;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Precision;
import dev.moco.contract.ResNet;
import dev.moco.training.VectorNumbers;
import dev.moco.training.Vectors;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.pretrain.MomentumContrast.Settings;
import dev.moco.training.resnet.EncoderLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Vector 06: Shuffle BN, with an encoder that is a batch norm alone, in float64. */
class ShuffleVectorTest {
    private final JsonNode vector = Vectors.read("06_shuffle_bn.json");
    private final int groups = vector.get("groups").asInt();
    private final int images = vector.get("N").asInt();
    private final double[] x = doubles(vector.get("x_NCHW"));

    @Test
    void shufflingGivesEachRankItsPartOfThePermutedBatch() {
        int[] shuffle = ints(vector.get("idx_shuffle"));
        assertThat(Shuffle.inverse(shuffle)).isEqualTo(ints(vector.get("idx_unshuffle")));
        int share = shuffle.length / groups;
        for (int rank = 0; rank < groups; rank++) {
            assertThat(Arrays.copyOfRange(shuffle, rank * share, (rank + 1) * share))
                    .isEqualTo(ints(vector.get("per_rank_input_indices").get(rank)));
            assertThat(Arrays.copyOfRange(Shuffle.inverse(shuffle), rank * share, (rank + 1) * share))
                    .isEqualTo(ints(vector.get("per_rank_unshuffle_indices").get(rank)));
        }
    }

    @Test
    void eachRankNormalizesByItsOwnStatisticsAndThoseOfRank0AreKept() {
        Encoded queries = encode(x, groups, fromGroup(0));
        assertClose(queries.outputs(), "query_out_grouped_no_shuffle");
        assertClose(queries.means(), "query_running_mean_rank0");
        assertClose(queries.variances(), "query_running_var_rank0");
        Encoded keys = encode(x, groups, ints(vector.get("idx_shuffle")));
        assertClose(keys.outputs(), "key_out_grouped_with_shuffle_then_unshuffle");
        assertClose(keys.means(), "key_running_mean_rank0");
        assertClose(keys.variances(), "key_running_var_rank0");
    }

    @Test
    void oneRankNormalizesOverTheWholeBatch() {
        assertClose(encode(x, 1, fromGroup(0)).outputs(), "not_equal_to_full_batch_bn");
    }

    /** Statistics of each group, most of which the paper's code drops: each is made rank 0 once. */
    @Test
    void statisticsOfTheGroupsHaveTheFilesAverage() {
        double[] means = new double[vector.get("gamma").size()];
        double[] variances = new double[means.length];
        for (int group = 0; group < groups; group++) {
            Encoded found = encode(x, groups, fromGroup(group));
            for (int channel = 0; channel < means.length; channel++) {
                means[channel] += found.means()[channel] / groups;
                variances[channel] += found.variances()[channel] / groups;
            }
        }
        assertClose(means, "query_running_mean_avg_of_groups");
        assertClose(variances, "query_running_var_avg_of_groups");
    }

    /** Numbers of mean 1 whose variance is epsilon: half of what they are divided by. */
    @Test
    void epsilonAndMomentumAreTorchs() {
        double[] faint = new double[x.length];
        double deviation = Math.sqrt(vector.get("bn_eps").asDouble());
        Arrays.setAll(faint, i -> 1 + (i % 2 == 0 ? deviation : -deviation));
        Encoded found = encode(faint, 1, fromGroup(0));
        double gamma = vector.get("gamma").get(0).asDouble();
        double beta = vector.get("beta").get(0).asDouble();
        assertThat(found.outputs()[0]).isCloseTo(gamma / Math.sqrt(2) + beta, within(1e-9));
        assertThat(found.means()[0]).isCloseTo(vector.get("bn_momentum").asDouble(), within(1e-9));
    }

    /** The batch with a group's images before all others. */
    private int[] fromGroup(int group) {
        int[] order = new int[images];
        Arrays.setAll(order, i -> (i + group * images / groups) % images);
        return order;
    }

    @SuppressWarnings("ArrayRecordComponent") // a handful of numbers; compared, not changed
    private record Encoded(double[] outputs, double[] means, double[] variances) {}

    private Encoded encode(double[] numbers, int ranks, int[] shuffle) {
        JsonNode image = vector.get("x_NCHW").get(0);
        int channels = image.size();
        ResNet.Convolution convolution = new ResNet.Convolution("none", "bn1", 0, channels, 1, 1);
        EncoderLayout norm = new EncoderLayout(new ResNet(convolution, false, List.of()), List.of());
        try (NDManager manager = TorchEngine.start(1);
                RankThreads threads = new RankThreads(1)) {
            NDArray parameters =
                    manager.create(doubles(vector.get("gamma"))).concat(manager.create(doubles(vector.get("beta"))));
            NDArray statistics = manager.create(VectorNumbers.statistics(norm));
            MocoState state = new MocoState(parameters, statistics, parameters, statistics, parameters, parameters);
            try (MomentumContrast moco = new MomentumContrast(
                    norm,
                    new Settings(ranks, 1, 1, 0, 0, Precision.FLOAT32),
                    state,
                    0,
                    threads,
                    "/dev/moco/training/pretrain/norm_encoder.py")) {
                Shape shape = new Shape(
                        images,
                        channels,
                        image.get(0).size(),
                        image.get(0).get(0).size());
                double[] outputs = moco.encodeShuffled(
                                manager, parameters, statistics, manager.create(numbers, shape), shuffle)
                        .toDoubleArray();
                double[] moments = statistics.toDoubleArray();
                return new Encoded(
                        outputs, Arrays.copyOf(moments, channels), Arrays.copyOfRange(moments, channels, 2 * channels));
            }
        }
    }

    private void assertClose(double[] found, String name) {
        assertThat(found).containsExactly(doubles(vector.get(name)), within(1e-8));
    }
}
