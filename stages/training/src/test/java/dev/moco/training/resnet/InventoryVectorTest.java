package dev.moco.training.resnet;

import static dev.moco.training.VectorNumbers.doubles;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Architecture;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.training.Vectors;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Vector 40: names, shapes and counts of torchvision's ResNet-50, and the standard deviations of its initial convolution
 * weights.
 */
class InventoryVectorTest {
    @Test
    void resnet50HasTorchvisionsParametersInItsOrder() {
        JsonNode vector = Vectors.read("40_resnet50_inventory.json");
        EncoderLayout mlp = EncoderLayout.of(Architecture.RESNET50, Head.MLP, 128);
        List<FlatTensor> named = mlp.parameters();
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
        List<FlatTensor> fc =
                EncoderLayout.of(Architecture.RESNET50, Head.FC, 128).parameters();
        assertThat(FlatLayout.length(named))
                .isEqualTo(counts.get("resnet50_dim128_mlp").asInt());
        assertThat(FlatLayout.length(fc))
                .isEqualTo(counts.get("resnet50_dim128_fc").asInt());
        assertThat(FlatLayout.length(
                        EncoderLayout.backbone(Architecture.RESNET50).parameters()))
                .isEqualTo(counts.get("backbone_without_fc").asInt());
        List<FlatTensor> thousandClasses =
                EncoderLayout.of(Architecture.RESNET50, Head.FC, 1000).parameters();
        assertThat(FlatLayout.length(thousandClasses))
                .isEqualTo(counts.get("resnet50_1000").asInt());
        assertThat(fc).hasSize(vector.get("num_param_tensors").get("fc").asInt());
        assertThat(named).hasSize(vector.get("num_param_tensors").get("mlp").asInt());
        assertThat(mlp.resnet().convolutions())
                .hasSize(vector.get("num_bn_layers").asInt());
    }

    @Test
    void mapsHaveTorchvisionsShapesAndShrinkByItsStrides() {
        JsonNode vector = Vectors.read("40_resnet50_inventory.json");
        EncoderLayout layout = EncoderLayout.backbone(Architecture.RESNET50);
        try (NDManager manager = TorchEngine.start(1);
                TorchProgram program = EveryMap.compile()) {
            List<Shape> shapes = new ArrayList<>();
            shapes.add(new Shape(1, 3, 224, 224));
            NDArray parameters = manager.zeros(new Shape(FlatLayout.length(layout.parameters())));
            NDArray statistics = manager.ones(new Shape(FlatLayout.length(layout.statistics())));
            NDArray images = manager.zeros(shapes.get(0));
            program.call(
                            manager,
                            "every_map",
                            new EncoderArguments(layout, Precision.FLOAT32).of(parameters, statistics),
                            images,
                            -1.)
                    .forEach(map -> shapes.add(map.getShape()));
            vector.get("feature_hw_for_224")
                    .properties()
                    .forEach(expected -> assertThat(shapes.get(1 + EveryMap.NAMES.indexOf(expected.getKey())))
                            .as(expected.getKey())
                            .isEqualTo(new Shape(longs(expected.getValue()))));
            vector.get("strides").properties().forEach(expected -> {
                int layer = EveryMap.NAMES.indexOf(expected.getKey().split("\\.", 2)[0]);
                Shape before = shapes.get(layer);
                Shape after = shapes.get(layer + 1);
                assertThat(new long[] {before.get(2) / after.get(2), before.get(3) / after.get(3)})
                        .as(expected.getKey())
                        .containsExactly(longs(expected.getValue()));
            });
        }
    }

    private static long[] longs(JsonNode numbers) {
        return Arrays.stream(doubles(numbers))
                .mapToLong(number -> (long) number)
                .toArray();
    }

    @Test
    void initialConvolutionsHaveKaimingsDeviation() {
        EncoderLayout layout = EncoderLayout.of(Architecture.RESNET50, Head.FC, 128);
        float[] parameters = EncoderWeights.initial(layout, 7).parameters();
        Map<String, FlatTensor> byName =
                layout.parameters().stream().collect(Collectors.toMap(FlatTensor::name, tensor -> tensor));
        Vectors.read("40_resnet50_inventory.json")
                .get("init_std_conv_kaiming_fan_out")
                .properties()
                .forEach(expected -> {
                    FlatTensor tensor = Objects.requireNonNull(byName.get(expected.getKey()), expected.getKey());
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
}
