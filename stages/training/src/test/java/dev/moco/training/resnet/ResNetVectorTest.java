package dev.moco.training.resnet;

import static dev.moco.training.VectorNumbers.doubles;
import static dev.moco.training.VectorNumbers.symmetric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Architecture;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.training.VectorNumbers;
import dev.moco.training.Vectors;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.resnet.FlatLayout.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Vectors 40 (names and shapes) and 41 (forward, statistics and gradients of torchvision's ResNets), in float64. */
class ResNetVectorTest {
    private static final String[] PROGRAM = {
        "/dev/moco/training/resnet/images.py",
        "/dev/moco/training/resnet/resnet.py",
        "/dev/moco/training/resnet/encoder.py",
        "/dev/moco/training/resnet/head.py",
        "/dev/moco/training/resnet/pair_gradient.py"
    };

    @Test
    void resnet50HasTorchvisionsParametersInItsOrder() {
        JsonNode vector = Vectors.read("40_resnet50_inventory.json");
        EncoderLayout mlp = EncoderLayout.of(Architecture.RESNET50, Head.MLP, 128);
        List<Tensor> named = mlp.parameters();
        JsonNode expected = vector.get("named_parameters_mlp");
        assertThat(named).hasSize(expected.size());
        for (int i = 0; i < named.size(); i++) {
            assertThat(named.get(i).name()).isEqualTo(expected.get(i).get(0).asText());
            assertThat(named.get(i).shape().stream()
                            .mapToDouble(Integer::doubleValue)
                            .toArray())
                    .containsExactly(doubles(expected.get(i).get(1)));
        }
        JsonNode counts = vector.get("param_count");
        List<Tensor> fc = EncoderLayout.of(Architecture.RESNET50, Head.FC, 128).parameters();
        assertThat(FlatLayout.length(named))
                .isEqualTo(counts.get("resnet50_dim128_mlp").asInt());
        assertThat(FlatLayout.length(fc))
                .isEqualTo(counts.get("resnet50_dim128_fc").asInt());
        assertThat(FlatLayout.length(
                        EncoderLayout.backbone(Architecture.RESNET50).parameters()))
                .isEqualTo(counts.get("backbone_without_fc").asInt());
        assertThat(fc).hasSize(vector.get("num_param_tensors").get("fc").asInt());
        assertThat(mlp.convolutions()).hasSize(vector.get("num_bn_layers").asInt());
    }

    @Test
    void initialConvolutionsHaveKaimingsDeviation() {
        EncoderLayout layout = EncoderLayout.of(Architecture.RESNET50, Head.FC, 128);
        float[] parameters = EncoderWeights.initial(layout, 7).parameters();
        Map<String, Tensor> byName =
                layout.parameters().stream().collect(Collectors.toMap(Tensor::name, tensor -> tensor));
        Vectors.read("40_resnet50_inventory.json")
                .get("init_std_conv_kaiming_fan_out")
                .properties()
                .forEach(expected -> {
                    Tensor tensor = Objects.requireNonNull(byName.get(expected.getKey()), expected.getKey());
                    double squares = 0;
                    for (int i = 0; i < tensor.size(); i++) {
                        squares += Math.pow(parameters[tensor.offset() + i], 2);
                    }
                    double deviation = expected.getValue().asDouble();
                    // Four standard errors of a sample's deviation.
                    assertThat(Math.sqrt(squares / tensor.size()))
                            .isCloseTo(deviation, within(4 * deviation / Math.sqrt(2.0 * tensor.size())));
                });
    }

    @ParameterizedTest(name = "run {0}")
    @ValueSource(ints = {0, 1, 2})
    void forwardStatisticsAndGradientsAreTorchvisions(int run) {
        JsonNode vector = Vectors.read("41_resnet_forward.json");
        JsonNode expected = vector.get("runs").get(run);
        long offset = vector.get("seed_offset").asLong();
        EncoderLayout layout = EncoderLayout.of(
                Architecture.of(expected.get("arch").asText()),
                expected.get("mlp").asBoolean() ? Head.MLP : Head.FC,
                128);
        int images = expected.get("train_mode_output_first8").size();
        try (NDManager manager = TorchEngine.start(1);
                TorchProgram program = TorchProgram.compile(Device.cpu(), PROGRAM)) {
            NDArray input =
                    manager.create(symmetric(9000 + offset, images * 3 * 64 * 64), new Shape(images, 3, 64, 64));
            NDArray flat = manager.create(VectorNumbers.parameters(layout, offset));
            NDArray statistics = manager.create(VectorNumbers.statistics(layout));
            assertStages(
                    program.call(
                            manager, "stages", flat, statistics.duplicate(), input, layout.sizes(), layout.arch(), 0.1),
                    expected);
            NDArray output = project(program, manager, layout, flat, statistics, input, 0.1);
            assertRows(output, expected.get("train_mode_output_first8"));
            assertRelative(
                    output.square().sum(new int[] {1}).sqrt().toDoubleArray(), expected.get("train_mode_output_norm"));
            assertStart(statistics, 0, expected.get("bn1_running_mean_first4"));
            assertStart(statistics, (int) statistics.size() / 2, expected.get("bn1_running_var_first4"));
            assertRows(
                    project(program, manager, layout, flat, statistics, input, -1),
                    expected.get("eval_mode_output_first8_after_that_one_train_forward"));
            assertGradients(
                    program.callWithGradients(
                            manager, "pairGradient", flat, statistics, input, layout.sizes(), layout.arch()),
                    layout,
                    expected);
        }
    }

    private static NDArray project(
            TorchProgram program,
            NDManager manager,
            EncoderLayout layout,
            NDArray flat,
            NDArray statistics,
            NDArray input,
            double momentum) {
        return program.call(manager, "project", flat, statistics, input, layout.sizes(), layout.arch(), momentum, false)
                .singletonOrThrow();
    }

    private static void assertStages(NDList stages, JsonNode expected) {
        List<String> names = List.of("maxpool", "layer1", "layer2", "layer3", "layer4");
        for (int i = 0; i < names.size(); i++) {
            JsonNode stage = expected.get("train_layer_stats").get(names.get(i));
            NDArray found = stages.get(i);
            assertThat(Arrays.stream(found.getShape().getShape())
                            .asDoubleStream()
                            .toArray())
                    .containsExactly(doubles(stage.get("shape")));
            assertThat(found.mean().getDouble())
                    .isCloseTo(
                            stage.get("mean").asDouble(),
                            within(1e-3 * stage.get("mean_abs").asDouble()));
            assertThat(found.abs().mean().getDouble())
                    .isCloseTo(
                            stage.get("mean_abs").asDouble(),
                            within(1e-3 * stage.get("mean_abs").asDouble()));
            assertStart(found.flatten(), 0, stage.get("first4"));
        }
    }

    private static void assertGradients(NDList scalarAndGradient, EncoderLayout layout, JsonNode expected) {
        assertThat(scalarAndGradient.get(0).getDouble())
                .isCloseTo(expected.get("scalar_value").asDouble(), within(1e-6));
        double[] gradient = scalarAndGradient.get(1).toDoubleArray();
        JsonNode byName = expected.get("grad_norm_and_first3");
        int seen = 0;
        for (Tensor tensor : layout.parameters()) {
            JsonNode norm = byName.get(tensor.name());
            if (norm == null) {
                continue;
            }
            seen++;
            double[] part = Arrays.copyOfRange(gradient, tensor.offset(), tensor.offset() + tensor.size());
            double length =
                    Math.sqrt(Arrays.stream(part).map(value -> value * value).sum());
            assertThat(length)
                    .isCloseTo(norm.get(0).asDouble(), within(1e-3 * norm.get(0).asDouble()));
            assertRelative(Arrays.copyOf(part, norm.get(1).size()), norm.get(1));
        }
        assertThat(seen).isEqualTo(byName.size());
    }

    private static void assertRows(NDArray output, JsonNode expected) {
        for (int row = 0; row < expected.size(); row++) {
            assertStart(output.get(row), 0, expected.get(row));
        }
    }

    private static void assertStart(NDArray found, int offset, JsonNode expected) {
        assertRelative(Arrays.copyOfRange(found.toDoubleArray(), offset, offset + expected.size()), expected);
    }

    /** Within a thousandth, or a millionth of what the largest is: the file's tolerance. */
    private static void assertRelative(double[] found, JsonNode expected) {
        double[] numbers = doubles(expected);
        double largest = Arrays.stream(numbers).map(Math::abs).max().orElse(0);
        for (int i = 0; i < numbers.length; i++) {
            assertThat(found[i]).isCloseTo(numbers[i], within(1e-3 * Math.abs(numbers[i]) + 1e-6 * largest));
        }
    }
}
