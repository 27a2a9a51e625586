package dev.moco.training.pretrain.simclr;

import static dev.moco.training.VectorNumbers.doubles;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.Vectors;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.pretrain.SmallEncoder;
import dev.moco.training.pretrain.SmallSimClr;
import dev.moco.training.pretrain.StepAgreement;
import dev.moco.training.pretrain.ThreadCollectives;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.pretrain.simclr.SimClr.SimClrSettings;
import dev.moco.training.progress.Metrics;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import dev.moco.training.resnet.sweep.SmallNetwork;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Vector 58: four steps of SimCLR. */
class SimClrVectorTest {
    private static final double WEIGHT_DECAY = 1e-6;

    private final JsonNode file = Vectors.read("58_simclr_steps.json");
    private final int batch = file.get("B").intValue();
    private final int ranks = file.get("ranks").intValue();

    @Test
    void parametersAreTheReferences() {
        assertThat(file.get("parameter_order"))
                .map(JsonNode::textValue)
                .containsExactlyElementsOf(SmallSimClr.PARAMETERS);
    }

    @ParameterizedTest(name = "{0} processes, ranks of {1} chunks, biased {2}")
    @CsvSource({"1, 1, true", "1, 2, false", "2, 2, true", "4, 1, true"})
    void fourStepsEqualFourRealProcesses(int processes, int chunks, boolean biased) {
        assertThat(ranks % processes).isZero();
        for (JsonNode expected : file.get("cases")) {
            ThreadCollectives.run(processes, collectives -> {
                steps(expected, collectives, new Variant(chunks, biased, 1, DataType.FLOAT64), true);
                return 0;
            });
        }
    }

    @Test
    void lossesInFloat32AreTheReferences() {
        for (JsonNode expected : file.get("cases")) {
            double[] losses = steps(expected, Collectives.ALONE, new Variant(1, true, 1, DataType.FLOAT32), false);
            for (int step = 0; step < losses.length; step++) {
                double loss =
                        expected.get("steps").get(step).get("loss_official").doubleValue();
                assertThat(losses[step]).isCloseTo(loss, within(1e-3));
            }
        }
    }

    /** LARS hides the factor of the loss except in batch norms. */
    @Test
    void theGradientOfThePapersLossIsAnotherRecipe() {
        for (JsonNode expected : file.get("cases")) {
            double[] losses = steps(expected, Collectives.ALONE, new Variant(1, true, 0.5, DataType.FLOAT64), false);
            assertThat(losses)
                    .containsExactly(
                            doubles(expected.get("contrast").get("loss_official_if_gradient_of_paper_loss")),
                            within(1e-8));
        }
    }

    /**
     * Steps that differ from the reference's.
     *
     * @param lossFactor factor of the gradient
     */
    private record Variant(int chunks, boolean biased, double lossFactor, DataType type) {}

    private double[] steps(JsonNode expected, Collectives collectives, Variant variant, boolean check) {
        JsonNode steps = expected.get("steps");
        double[] losses = new double[steps.size()];
        try (NDManager manager = TorchEngine.start(1)) {
            TrainedEncoder state = SmallSimClr.state(manager, file, variant.type);
            SimClrSettings settings = new SimClrSettings(
                    ranks, variant.chunks, expected.get("T").doubleValue(), 0.9, WEIGHT_DECAY, variant.biased);
            Collectives scaled = ChangedCollectives.withLossFactor(collectives, variant.lossFactor);
            try (SimClr simClr = new SimClr(
                    TorchProgram.compile(Device.cpu(), Map.of(), SimClr.PROGRAM),
                    SmallNetwork::apply,
                    SmallSimClr.LAYOUT,
                    settings,
                    state,
                    scaled)) {
                for (int step = 0; step < steps.size(); step++) {
                    JsonNode wanted = steps.get(step);
                    long seed = 5800 + file.get("seed_offset").asLong() + 2L * step;
                    NDArray[] views = SmallEncoder.views(manager, seed, batch);
                    NDArray before = state.parameters().duplicate();
                    SimClr.SimClrTrace trace = simClr.step(
                            manager,
                            SmallEncoder.part(views[0].toType(variant.type, false), collectives),
                            SmallEncoder.part(views[1].toType(variant.type, false), collectives),
                            wanted.get("lr").doubleValue());
                    Metrics metrics = StepAgreement.of(collectives, trace.ofOwnRanks(), false, false)
                            .metrics();
                    losses[step] = metrics.loss();
                    if (check) {
                        assertNear(wanted.get("loss_official"), metrics.loss());
                        assertNear(wanted.get("loss_paper"), metrics.loss() / 2);
                        assertNear(wanted.get("contrastive_top1_percent"), metrics.top1());
                        assertStep(trace, wanted, state, variant.biased);
                        assertGradients(simClr.gradient(), before, wanted);
                    }
                }
            }
        }
        return losses;
    }

    private static void assertStep(SimClr.SimClrTrace trace, JsonNode wanted, TrainedEncoder state, boolean biased) {
        assertNear(wanted.get("z_a_first"), trace.a().get(0).toDoubleArray());
        assertNear(wanted.get("z_b_first"), trace.b().get(0).toDoubleArray());
        List<FlatTensor> tensors = SmallSimClr.LAYOUT.parameters();
        double[] ratios = trace.ratios().toDoubleArray();
        for (int i = 0; i < tensors.size(); i++) {
            JsonNode ratio = wanted.get("trust_ratio").get(tensors.get(i).name());
            if (ratio != null) {
                assertNear(ratio, ratios[i]);
            }
        }
        assertStarts(state.parameters(), "conv1.weight", wanted.get("conv1_first3_after"));
        assertStarts(state.parameters(), "head.0.weight", wanted.get("head0_first3_after"));
        assertStarts(state.parameters(), "head.1.bias", wanted.get("head1_bias_first3_after"));
        assertStarts(state.parameters(), "head.4.weight", wanted.get("head4_weight_after"));
        assertStarts(state.parameters(), "bn2.weight", wanted.get("bn2_weight_first3_after"));
        assertStarts(state.velocity(), "conv1.weight", wanted.get("momentum_conv1_first3"));
        assertThat(SmallEncoder.of(state.parameters(), tensors, "head.4.bias", 4))
                .containsOnly(0);
        List<FlatTensor> statistics = SmallSimClr.LAYOUT.statistics();
        assertNear(
                wanted.get("bn1_running_mean"), SmallEncoder.of(state.statistics(), statistics, "bn1.running_mean", 8));
        assertNear(
                wanted.get(biased ? "bn1_running_var_biased_tensorflow" : "bn1_running_var_unbiased"),
                SmallEncoder.of(state.statistics(), statistics, "bn1.running_var", 8));
    }

    /** The step has added the weight decay to its buffer, except to batch norms. */
    private static void assertGradients(NDArray withDecay, NDArray before, JsonNode wanted) {
        for (FlatTensor tensor : SmallSimClr.LAYOUT.parameters()) {
            JsonNode norm = wanted.get("grad_norms_official").get(tensor.name());
            if (norm != null) {
                double decay = tensor.shape().size() > 1 ? WEIGHT_DECAY : 0;
                double[] gradient = SmallEncoder.of(
                        withDecay.sub(before.mul(decay)),
                        SmallSimClr.LAYOUT.parameters(),
                        tensor.name(),
                        tensor.size());
                assertNear(
                        norm, Math.sqrt(Arrays.stream(gradient).map(x -> x * x).sum()));
                if (tensor.name().equals("conv1.weight")) {
                    assertNear(wanted.get("grad_conv1_first3"), Arrays.copyOf(gradient, 3));
                }
            }
        }
    }

    private static void assertStarts(NDArray flat, String name, JsonNode expected) {
        assertNear(expected, SmallEncoder.of(flat, SmallSimClr.LAYOUT.parameters(), name, expected.size()));
    }

    private static void assertNear(JsonNode expected, double... found) {
        assertThat(found).containsExactly(doubles(expected), within(1e-8));
    }

    @Test
    void statisticsOfEachRankAreAnotherRecipe() {
        for (JsonNode expected : file.get("cases")) {
            JsonNode losses = expected.get("contrast").get("loss_official_if_bn_per_rank");
            ThreadCollectives.run(ranks, collectives -> {
                Collectives own = ChangedCollectives.withStatisticsOfEachProcess(collectives);
                assertThat(steps(expected, own, new Variant(1, true, 1, DataType.FLOAT64), false))
                        .containsExactly(doubles(losses), within(1e-8));
                return 0;
            });
        }
    }
}
