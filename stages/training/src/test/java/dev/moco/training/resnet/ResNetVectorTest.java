package dev.moco.training.resnet;

import static dev.moco.training.VectorNumbers.doubles;
import static dev.moco.training.VectorNumbers.symmetric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Architecture;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.training.VectorNumbers;
import dev.moco.training.Vectors;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Vector 41: forward, statistics and gradients of torchvision's ResNets, in float64. */
class ResNetVectorTest {
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
                TorchProgram program = EveryMap.compile()) {
            NDArray input =
                    manager.create(symmetric(9000 + offset, images * 3 * 64 * 64), new Shape(images, 3, 64, 64));
            NDArray flat = manager.create(VectorNumbers.parameters(layout, offset));
            NDArray statistics = manager.create(VectorNumbers.statistics(layout));
            assertMaps(
                    program.call(
                            manager,
                            "every_map",
                            new EncoderArguments(layout, Precision.FLOAT32).of(flat, statistics.duplicate()),
                            input,
                            0.1),
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
                            manager,
                            "pair_gradient",
                            new EncoderArguments(layout, Precision.FLOAT32).of(flat, statistics),
                            input),
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
        return program.call(
                        manager,
                        "project",
                        new EncoderArguments(layout, Precision.FLOAT32).of(flat, statistics),
                        input,
                        momentum)
                .singletonOrThrow();
    }

    private static void assertMaps(NDList maps, JsonNode expected) {
        for (int i = 0; i < EveryMap.NAMES.size(); i++) {
            JsonNode stage = expected.get("train_layer_stats").get(EveryMap.NAMES.get(i));
            NDArray found = maps.get(i);
            assertThat(Arrays.stream(found.getShape().getShape())
                            .asDoubleStream()
                            .toArray())
                    .containsExactly(doubles(stage.get("shape")));
            assertThat(found.mean().getDouble())
                    .isCloseTo(
                            stage.get("mean").asDouble(),
                            within(1e-6 * stage.get("mean_abs").asDouble()));
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
        for (FlatTensor tensor : layout.parameters()) {
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

    /** Checks within the file's tolerance: a thousandth, or a millionth of the largest number. */
    private static void assertRelative(double[] found, JsonNode expected) {
        double[] numbers = doubles(expected);
        double largest = Arrays.stream(numbers).map(Math::abs).max().orElse(0);
        for (int i = 0; i < numbers.length; i++) {
            assertThat(found[i]).isCloseTo(numbers[i], within(1e-3 * Math.abs(numbers[i]) + 1e-6 * largest));
        }
    }
}
