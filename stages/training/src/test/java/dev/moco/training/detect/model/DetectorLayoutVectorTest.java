package dev.moco.training.detect.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Architecture;
import dev.moco.training.Vectors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Compares names and shapes of the detector's backbone with torchvision's ResNet-50. */
class DetectorLayoutVectorTest {
    private final JsonNode vector = Vectors.read("40_resnet50_inventory.json");
    private final DetectorLayout layout = DetectorLayout.of(Architecture.RESNET50, 15, 20);

    @Test
    void everyTensorOfTheEncoderHasAPlaceInTheDetector() {
        Map<String, String> expected = new HashMap<>();
        vector.get("detectron2_key_map").properties().forEach(entry -> {
            String ours = entry.getValue().asText();
            String part = ours.startsWith("res5") ? "roi_heads." : "backbone.";
            if (!entry.getKey().startsWith("fc") && !ours.endsWith("num_batches_tracked")) {
                expected.put(entry.getKey(), part + ours);
            }
        });
        Map<String, String> found = new HashMap<>();
        for (DetectorLayout.DetectorConvolution convolution : layout.convolutions()) {
            found.put(convolution.encoderName(), convolution.weight().name());
            for (String kind : List.of(".weight", ".bias", ".running_mean", ".running_var")) {
                found.put(
                        convolution.norm().encoderName() + kind,
                        convolution.norm().name() + kind);
            }
        }
        assertThat(found).isEqualTo(expected);
    }

    @Test
    void convolutionsHaveTheShapesOfTheEncoder() {
        Map<String, List<Integer>> shapes = new HashMap<>();
        for (JsonNode parameter : vector.get("named_parameters_mlp")) {
            List<Integer> shape = new ArrayList<>();
            parameter.get(1).forEach(side -> shape.add(side.asInt()));
            shapes.put(parameter.get(0).asText(), shape);
        }
        for (DetectorLayout.DetectorConvolution convolution : layout.convolutions()) {
            assertThat(convolution.weight().shape())
                    .as(convolution.encoderName())
                    .isEqualTo(shapes.get(convolution.encoderName()));
            assertThat(shapes.get(convolution.norm().encoderName() + ".weight"))
                    .as(convolution.norm().encoderName())
                    .isEqualTo(List.of(convolution.norm().channels()));
        }
        assertThat(layout.convolutions()).hasSize(vector.get("num_bn_layers").asInt());
    }

    @Test
    void convolutionsStartAsKaimingNormal() {
        vector.get("init_std_conv_kaiming_fan_out")
                .properties()
                .forEach(entry -> assertThat(layout.convolutions().stream()
                                .filter(convolution -> convolution.encoderName().equals(entry.getKey()))
                                .map(convolution -> convolution.weight().deviation()))
                        .as(entry.getKey())
                        .containsExactly(entry.getValue().asDouble()));
    }
}
