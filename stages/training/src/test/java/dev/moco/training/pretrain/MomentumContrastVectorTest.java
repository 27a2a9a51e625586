package dev.moco.training.pretrain;

import static dev.moco.training.VectorNumbers.doubles;
import static dev.moco.training.VectorNumbers.ints;
import static dev.moco.training.VectorNumbers.symmetric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Precision;
import dev.moco.contract.ResNet;
import dev.moco.training.VectorNumbers;
import dev.moco.training.Vectors;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.pretrain.MomentumContrast.Settings;
import dev.moco.training.pretrain.MomentumContrast.Trace;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderLayout.HeadWeight;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Vector 42: five full steps over four ranks, in float64 unless a test says otherwise. */
class MomentumContrastVectorTest {
    private static final int DIMENSION = 4;
    private static final EncoderLayout SMALL = new EncoderLayout(
            new ResNet(
                    new ResNet.Convolution("conv1", "bn1", 3, 8, 3, 2),
                    false,
                    List.of(List.of(new ResNet.Block(
                            List.of(new ResNet.Convolution("conv2", "bn2", 8, 16, 3, 2)), Optional.empty())))),
            List.of(
                    new HeadWeight("fc.0.weight", 16, List.of(16, 16)),
                    new HeadWeight("fc.0.bias", 16, List.of(16)),
                    new HeadWeight("fc.2.weight", 16, List.of(DIMENSION, 16)),
                    new HeadWeight("fc.2.bias", 16, List.of(DIMENSION))));

    @ParameterizedTest(name = "on {0} threads")
    @ValueSource(ints = {1, 4})
    void fiveStepsEqualTheOriginalUnderFourProcesses(int threads) {
        JsonNode vector = Vectors.read("42_moco_steps.json");
        int groups = vector.get("groups_simulated_gpus").asInt();
        for (JsonNode expected : vector.get("cases")) {
            try (NDManager manager = TorchEngine.start(1);
                    RankThreads ranks = new RankThreads(threads);
                    MomentumContrast moco = moco(vector, expected, ranks, groups, state(manager, vector))) {
                for (int step = 0; step < expected.get("steps").size(); step++) {
                    assertStep(
                            moco, manager, vector, step, expected.get("steps").get(step));
                }
                assertClose(moco.state().queue().toDoubleArray(), expected.get("final_queue"));
                expected.get("steps").forEach(step -> assertLeft(moco.state(), step));
            }
        }
    }

    /** The file has losses to more digits than float32 has. */
    @Test
    void lossesInFloat32AreTheOriginals() {
        JsonNode vector = Vectors.read("42_moco_steps.json");
        int groups = vector.get("groups_simulated_gpus").asInt();
        for (JsonNode expected : vector.get("cases")) {
            assertThat(losses(vector, expected, groups, DataType.FLOAT32))
                    .containsExactly(doubles(expected.get("float32_loss")), within(1e-4));
        }
    }

    @Test
    void oneRankNormalizesOverTheWholeBatchAndIsAnotherMethod() {
        JsonNode vector = Vectors.read("42_moco_steps.json");
        for (JsonNode expected : vector.get("cases")) {
            assertThat(losses(vector, expected, 1, DataType.FLOAT64))
                    .containsExactly(doubles(expected.get("loss_if_groups_1_wrong")), within(1e-8));
        }
    }

    private static double[] losses(JsonNode vector, JsonNode expected, int groups, DataType type) {
        JsonNode steps = expected.get("steps");
        double[] losses = new double[steps.size()];
        try (NDManager manager = TorchEngine.start(1);
                RankThreads ranks = new RankThreads(1);
                MomentumContrast moco = moco(vector, expected, ranks, groups, in(type, state(manager, vector)))) {
            for (int step = 0; step < losses.length; step++) {
                losses[step] = step(moco, manager, vector, step, steps.get(step), type)
                        .metrics()
                        .loss();
            }
        }
        return losses;
    }

    private static MomentumContrast moco(
            JsonNode vector, JsonNode expected, RankThreads ranks, int groups, MocoState state) {
        double temperature = expected.get("T").asDouble();
        Settings settings = new Settings(groups, temperature, vector.get("m").asDouble(), 0.9, 1e-4, Precision.FLOAT32);
        return new MomentumContrast(SMALL, settings, state, 0, ranks, "/dev/moco/training/pretrain/small_encoder.py");
    }

    private static void assertStep(
            MomentumContrast moco, NDManager manager, JsonNode vector, int step, JsonNode expected) {
        assertThat(moco.pointer()).isEqualTo(expected.get("ptr_before").asInt());
        Trace trace = step(moco, manager, vector, step, expected, DataType.FLOAT64);
        assertThat(trace.metrics().loss()).isCloseTo(expected.get("loss").asDouble(), within(1e-9));
        assertThat(trace.metrics().top1()).isCloseTo(expected.get("acc1").asDouble(), within(1e-9));
        assertThat(moco.pointer()).isEqualTo(expected.get("ptr_after").asInt());
        assertStarts(trace.queries(), 0, expected.get("q_first"));
        assertStarts(trace.keys(), 0, expected.get("k_first"));
        assertStarts(trace.logits(), 0, expected.get("logits_row0_first4"));
        assertStarts(moco.state().key(), offset("conv1.weight"), expected.get("k_conv1_first3"));
        assertStarts(moco.state().queryStatistics(), 0, expected.get("q_bn1_running_mean_rank0"));
        assertStarts(
                moco.state().keyStatistics(), statistic("bn1.running_var"), expected.get("k_bn1_running_var_rank0"));
        assertThat(trace.gradientNorm())
                .isCloseTo(expected.get("grad_global_norm").asDouble(), within(1e-8));
    }

    private static Trace step(
            MomentumContrast moco, NDManager manager, JsonNode vector, int step, JsonNode expected, DataType type) {
        int[] shuffle = ints(expected.get("perm"));
        int batch = vector.get("B").asInt();
        assertThat(shuffle).hasSize(batch);
        long seed = 9200 + vector.get("seed_offset").asLong() + 2L * step;
        double[] queries = symmetric(seed, batch * 3 * 12 * 12);
        double[] keys = symmetric(seed + 1, queries.length);
        for (int i = 0; i < keys.length; i++) {
            keys[i] = 0.5 * keys[i] + 0.5 * queries[i];
        }
        Shape images = new Shape(batch, 3, 12, 12);
        return moco.step(
                manager,
                manager.create(queries, images).toType(type, false),
                manager.create(keys, images).toType(type, false),
                shuffle,
                expected.get("lr").asDouble());
    }

    private static MocoState in(DataType type, MocoState state) {
        return new MocoState(
                state.query().toType(type, true),
                state.queryStatistics().toType(type, true),
                state.key().toType(type, true),
                state.keyStatistics().toType(type, true),
                state.velocity().toType(type, true),
                state.queue().toType(type, true));
    }

    private static MocoState state(NDManager manager, JsonNode vector) {
        long offset = vector.get("seed_offset").asLong();
        int queueSize = vector.get("K").asInt();
        double[] parameters = VectorNumbers.parameters(SMALL, offset);
        double[] statistics = VectorNumbers.statistics(SMALL);
        NDArray columns =
                manager.create(symmetric(9100 + offset, DIMENSION * queueSize), new Shape(DIMENSION, queueSize));
        NDArray queue = columns.div(columns.square().sum(new int[] {0}, true).sqrt());
        return new MocoState(
                manager.create(parameters),
                manager.create(statistics),
                manager.create(parameters),
                manager.create(statistics),
                manager.zeros(new Shape(parameters.length), DataType.FLOAT64),
                queue);
    }

    private static int offset(String name) {
        return offset(SMALL.parameters(), name);
    }

    private static int statistic(String name) {
        return offset(SMALL.statistics(), name);
    }

    private static int offset(List<FlatTensor> tensors, String name) {
        return tensors.stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow()
                .offset();
    }

    /** The file took query weights and queue as views: each step's are what the last step left (all steps say so). */
    private static void assertLeft(MocoState state, JsonNode step) {
        double[] column =
                state.queue().get(":," + step.get("ptr_before").asInt()).toDoubleArray();
        assertClose(column, step.get("queue_col_first_written"));
        assertStarts(state.query(), offset("conv1.weight"), step.get("q_conv1_first3_after"));
        assertStarts(state.query(), offset("fc.2.bias"), step.get("q_fc2_bias_after"));
    }

    private static void assertStarts(NDArray found, int offset, JsonNode expected) {
        double[] numbers = doubles(expected);
        assertClose(Arrays.copyOfRange(found.toDoubleArray(), offset, offset + numbers.length), expected);
    }

    private static void assertClose(double[] found, JsonNode expected) {
        assertThat(found).containsExactly(doubles(expected), within(1e-8));
    }
}
