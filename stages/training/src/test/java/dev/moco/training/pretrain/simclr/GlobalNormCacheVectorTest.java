package dev.moco.training.pretrain.simclr;

import static dev.moco.training.VectorNumbers.doubles;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.Vectors;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.pretrain.SmallEncoder;
import dev.moco.training.pretrain.SmallSimClr;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.pretrain.simclr.SimClr.SimClrSettings;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import dev.moco.training.resnet.sweep.GlobalNormEncoder;
import dev.moco.training.resnet.sweep.SmallNetwork;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Vector 56 b: chunks of a batch whose batch norms have the statistics of all of it. */
class GlobalNormCacheVectorTest {
    private static final List<FlatTensor> TENSORS = SmallSimClr.LAYOUT.parameters();

    private final JsonNode whole = Vectors.read("56_grad_cache.json");
    private final JsonNode file = whole.get("b_simclr_global_bn");
    private final int images = file.get("images").intValue();
    private final int chunks =
            file.get("views").intValue() / file.get("chunk_views").intValue();
    private final double temperature = file.get("T").doubleValue();
    private final NDManager manager = TorchEngine.start(1);
    private final TrainedEncoder state = SmallSimClr.state(manager, whole, DataType.FLOAT64);
    private final NDArray[] views =
            SmallEncoder.views(manager, 5620 + whole.get("seed_offset").asLong(), images);

    @AfterEach
    void free() {
        manager.close();
    }

    private SimClr simClr(Collectives collectives, int of) {
        SimClrSettings settings = new SimClrSettings(1, of, temperature, 0.9, 0, false);
        return new SimClr(
                TorchProgram.compile(Device.cpu(), Map.of(), SimClr.PROGRAM),
                SmallNetwork::apply,
                SmallSimClr.LAYOUT,
                settings,
                state,
                collectives);
    }

    @ParameterizedTest(name = "{0} times the file''s chunks")
    @ValueSource(doubles = {0.25, 1, 2})
    void chunksHaveTheGradientOfOneGraph(double times) {
        assertThat(2 * images).isEqualTo(file.get("views").intValue());
        try (SimClr simClr = simClr(Collectives.ALONE, (int) (chunks * times))) {
            SimClr.ViewGradients found = simClr.gradients(manager, views[0], views[1]);
            assertNear(file.get("loss_paper"), found.byRank().get(0).get(0).toDoubleArray()[0] / 2);
            assertNear(file.get("z_raw_first_row"), found.a().get(0).toDoubleArray());
            NDArray outputGradient = found.outputGradient().div(2);
            assertNear(file.get("cache_dL_dz"), outputGradient.toDoubleArray());
            NDArray gradient = simClr.gradient().div(2);
            assertGradients(gradient, file.get("gradients"));
            JsonNode norms = file.get("statistics");
            for (int i = 0; i < norms.size(); i++) {
                GlobalNormEncoder.ForwardPass encoded = found.encoded();
                assertThat(encoded.norms().get(i).name())
                        .isEqualTo(norms.get(i).get("layer").textValue());
                NDArray moments = encoded.norms().get(i).moments();
                assertThat(moments.get(0).toDoubleArray())
                        .containsOnly(norms.get(i).get("count").doubleValue());
                assertNear(norms.get(i).get("mean"), moments.get(1).toDoubleArray());
                assertNear(norms.get(i).get("var_biased"), moments.get(2).toDoubleArray());
            }
            assertBackwardSums(gradient, outputGradient);
        }
        JsonNode running = file.get("running_after_one_update");
        assertNear(running.get("bn1.running_mean"), running("bn1.running_mean"));
        assertNear(running.get("bn1.running_var_unbiased"), running("bn1.running_var"));
    }

    /** A single process's sums are the gradients of weight and bias; the last batch norm, without bias, makes the outputs. */
    private void assertBackwardSums(NDArray gradient, NDArray outputGradient) {
        for (JsonNode sums : file.get("backward_sums_last_layer_first")) {
            String norm = sums.get("layer").textValue();
            int channels = sums.get("sum_dy").size();
            assertNear(sums.get("sum_dy_xhat"), SmallEncoder.of(gradient, TENSORS, norm + ".weight", channels));
            double[] ofBias = norm.equals("head.4")
                    ? outputGradient.sum(new int[] {0}).toDoubleArray()
                    : SmallEncoder.of(gradient, TENSORS, norm + ".bias", channels);
            assertNear(sums.get("sum_dy"), ofBias);
        }
    }

    @Test
    void constantStatisticsGiveAnotherGradient() {
        try (SimClr simClr = simClr(ChangedCollectives.withConstantStatistics(Collectives.ALONE), chunks)) {
            simClr.gradients(manager, views[0], views[1]);
            assertGradients(simClr.gradient().div(2), file.get("contrast").get("gradients_statistics_as_constants"));
        }
    }

    @Test
    void statisticsOfEachChunkGiveAnotherLoss() {
        try (TorchProgram program = TorchProgram.compile(
                        Device.cpu(), GlobalNormEncoder.PROGRAM, "/dev/moco/training/pretrain/simclr/nt_xent.py");
                GlobalNormEncoder encoder = new GlobalNormEncoder(
                        program,
                        SmallNetwork::apply,
                        SmallSimClr.LAYOUT,
                        state.parameters(),
                        state.statistics(),
                        state.newGradient(),
                        Collectives.ALONE,
                        1,
                        1,
                        false)) {
            NDArray all = views[0].concat(views[1], 0);
            int share = 2 * images / chunks;
            NDList outputs = new NDList();
            for (int i = 0; i < chunks; i++) {
                outputs.add(encoder.encode(manager, all.get(i * share + ":" + (i + 1) * share))
                        .outputs());
            }
            NDArray joined = NDArrays.concat(outputs);
            double loss = program.callWithGradients(
                            manager,
                            "nt_xent",
                            joined.get(":" + images),
                            joined.get(images + ":"),
                            0,
                            images,
                            temperature)
                    .get(0)
                    .toDoubleArray()[0];
            assertNear(file.get("contrast").get("loss_paper_bn_per_chunk"), loss / 2);
        }
    }

    private double[] running(String name) {
        return SmallEncoder.of(state.statistics(), SmallSimClr.LAYOUT.statistics(), name, 8);
    }

    private static void assertGradients(NDArray flat, JsonNode expected) {
        for (Map.Entry<String, JsonNode> parameter : expected.properties()) {
            FlatTensor tensor = TENSORS.stream()
                    .filter(named -> named.name().equals(parameter.getKey()))
                    .findFirst()
                    .orElseThrow();
            double[] found = SmallEncoder.of(flat, TENSORS, tensor.name(), tensor.size());
            assertNear(
                    parameter.getValue().get("norm"),
                    Math.sqrt(Arrays.stream(found).map(x -> x * x).sum()));
            JsonNode first = parameter.getValue().get("first");
            assertNear(first, Arrays.copyOf(found, first.size()));
        }
    }

    private static void assertNear(JsonNode expected, double... found) {
        assertThat(found).containsExactly(doubles(expected), within(1e-8));
    }
}
