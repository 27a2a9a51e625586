package dev.moco.training.pretrain.endtoend;

import static dev.moco.training.VectorNumbers.doubles;
import static dev.moco.training.VectorNumbers.ints;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Precision;
import dev.moco.training.Vectors;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.pretrain.GroupEncoder;
import dev.moco.training.pretrain.SmallEncoder;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.pretrain.endtoend.EndToEnd.EndToEndSettings;
import dev.moco.training.resnet.EncoderArguments;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Vector 56 a: gradient caching where each micro-batch is a group of batch norm. */
class GroupCacheVectorTest {
    private static final EncoderLayout LAYOUT = SmallEncoder.mlp();

    private final JsonNode whole = Vectors.read("56_grad_cache.json");
    private final JsonNode file = whole.get("a_end_to_end_bn_group_is_micro_batch");
    private final int batch = file.get("B").intValue();
    private final int group = file.get("micro_batch_and_bn_group").intValue();
    private final double temperature = file.get("T").doubleValue();
    private final int[] shuffle = ints(file.get("perm_keys"));
    private final NDManager manager = TorchEngine.start(1);
    private final TrainedEncoder query = SmallEncoder.state(manager, LAYOUT, whole, DataType.FLOAT64);
    private final TrainedEncoder key = SmallEncoder.state(manager, LAYOUT, whole, DataType.FLOAT64);
    private final NDArray[] views =
            SmallEncoder.views(manager, 5610 + whole.get("seed_offset").asLong(), batch);

    @AfterEach
    void free() {
        manager.close();
    }

    @ParameterizedTest(name = "on {0} threads")
    @ValueSource(ints = {1, 3})
    void cachedGradientsAreThoseOfOneGraph(int threads) {
        EndToEndSettings settings = new EndToEndSettings(1, group, temperature, false, 0.9, 0, Precision.FLOAT32);
        try (RankThreads rankThreads = new RankThreads(threads);
                EndToEnd endToEnd = new EndToEnd(
                        TorchProgram.compile(Device.cpu(), SmallEncoder.REPLACEMENT, EndToEnd.PROGRAM),
                        LAYOUT,
                        settings,
                        query,
                        Optional.of(key),
                        rankThreads,
                        Collectives.ALONE)) {
            EndToEnd.PairGradients found = endToEnd.gradients(manager, views[0], views[1], shuffle);
            assertNear(file.get("loss"), found.byRank().get(0).get(0).toDoubleArray()[0]);
            assertNear(file.get("z_q_raw_first_row"), found.queries().get(0).toDoubleArray());
            assertNear(file.get("z_k_raw_first_row"), found.keys().get(0).toDoubleArray());
            assertNear(file.get("cache_dL_dzq"), found.byRank().get(0).get(2).toDoubleArray());
            assertNear(
                    file.get("cache_dL_dzk_unshuffled_order"),
                    found.byRank().get(0).get(3).toDoubleArray());
            assertGradients(endToEnd.queryGradient(), file.get("gradients_q"));
            assertGradients(endToEnd.keyGradient(), file.get("gradients_k"));
            assertNear(file.get("running_mean_bn1_q_group0_after_one_update"), runningMean());
        }
    }

    /** Losses of the micro-batches by themselves, and running statistics that move in both passes. */
    @Test
    void mistakesGiveOtherNumbers() {
        JsonNode contrast = file.get("contrast");
        try (RankThreads threads = new RankThreads(1);
                TorchProgram program = TorchProgram.compile(
                        Device.cpu(),
                        SmallEncoder.REPLACEMENT,
                        List.of(
                                "/dev/moco/training/pretrain/grouped.py",
                                "/dev/moco/training/pretrain/reduction.py",
                                "/dev/moco/training/pretrain/endtoend/in_batch.py"))) {
            EncoderArguments arguments = new EncoderArguments(LAYOUT, Precision.FLOAT32);
            int groups = batch / group;
            GroupEncoder encoder = new GroupEncoder(program, arguments, threads, Collectives.ALONE, 1, group);
            NDArray queries = encoder.encode(manager, query, views[0]);
            NDArray keys = encoder.encode(manager, key, views[1]);
            double loss = 0;
            NDList gradients = new NDList();
            for (int i = 0; i < groups; i++) {
                String rows = i * group + ":" + (i + 1) * group;
                NDList found = program.callWithGradients(
                        manager, "in_batch", queries.get(rows), keys.get(rows), 0, group, temperature, false);
                loss += found.get(0).toDoubleArray()[0] / groups;
                gradients.add(found.get(2).div(groups));
            }
            assertNear(contrast.get("mean_of_chunk_losses"), loss);
            NDArray gradient = query.parameters().zerosLike();
            encoder.backward(manager, query, views[0], NDArrays.concat(gradients), gradient);
            assertGradients(gradient, contrast.get("gradients_q_of_chunk_losses"));
            for (int i = 0; i < groups; i++) {
                encoder.encode(manager, query, views[0].get(i * group + ":" + (i + 1) * group));
            }
            assertNear(
                    contrast.get("running_mean_bn1_q_if_every_chunk_of_the_second_pass_also_updates"), runningMean());
        }
    }

    private double[] runningMean() {
        return SmallEncoder.of(query.statistics(), LAYOUT.statistics(), "bn1.running_mean", 8);
    }

    private static void assertGradients(NDArray flat, JsonNode expected) {
        for (Map.Entry<String, JsonNode> parameter : expected.properties()) {
            FlatTensor tensor = LAYOUT.parameters().stream()
                    .filter(named -> named.name().equals(parameter.getKey()))
                    .findFirst()
                    .orElseThrow();
            double[] found = SmallEncoder.of(flat, LAYOUT.parameters(), tensor.name(), tensor.size());
            assertNear(
                    parameter.getValue().get("norm"),
                    Math.sqrt(Arrays.stream(found).map(x -> x * x).sum()));
            JsonNode first = parameter.getValue().get("first");
            assertNear(first, Arrays.copyOf(found, first.size()));
        }
    }

    private static void assertNear(JsonNode expected, double... found) {
        assertThat(found).containsExactly(doubles(expected), within(1e-9));
    }
}
