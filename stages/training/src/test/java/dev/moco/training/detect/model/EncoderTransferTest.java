package dev.moco.training.detect.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.Architecture;
import dev.moco.contract.StageFailure;
import dev.moco.training.resnet.FlatLayout;
import dev.moco.training.weights.Safetensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EncoderTransferTest {
    private final DetectorLayout layout = DetectorLayout.of(Architecture.RESNET10W16, 3, 2);
    private final InitialWeights weights = InitialWeights.draw(layout, 1);
    private final Map<String, Safetensors.FloatTensor> encoder = encoder();

    @Test
    void backboneAndRoiHeadGetTheTensorsOfTheEncoder() {
        encoder.put("fc.weight", new Safetensors.FloatTensor(List.of(8, 128), new float[8 * 128]));
        encoder.put("bn1.num_batches_tracked", new Safetensors.FloatTensor(List.of(), new float[1]));

        EncoderTransfer.into(weights, layout, encoder, "encoder.safetensors");

        for (FlatLayout.FlatTensor tensor : layout.flat().parameters()) {
            boolean taken = tensor.name().startsWith("backbone.")
                    || (tensor.name().startsWith("roi_heads.res5.")
                            && !tensor.name().contains("res5.norm"));
            assertThat(weights.parameters()[tensor.offset()] == 3)
                    .as(tensor.name())
                    .isEqualTo(taken);
        }
        assertThat(weights.statistics()).contains(3).contains(0).contains(1);
    }

    @Test
    void tensorsThatDoNotFitAreNamed() {
        encoder.remove("layer4.0.bn2.running_var");
        encoder.put("conv1.weight", new Safetensors.FloatTensor(List.of(64, 3, 7, 7), new float[64 * 3 * 7 * 7]));
        encoder.put("layer1.1.conv1.weight", new Safetensors.FloatTensor(List.of(1), new float[1]));

        assertThatThrownBy(() -> EncoderTransfer.into(weights, layout, encoder, "encoder.safetensors"))
                .isInstanceOf(StageFailure.class)
                .hasMessage("encoder.safetensors does not fit the detector's backbone: conv1.weight must have shape"
                        + " [16, 3, 3, 3], found [64, 3, 7, 7]; layer4.0.bn2.running_var is missing;"
                        + " layer1.1.conv1.weight has no place in the detector");
    }

    private Map<String, Safetensors.FloatTensor> encoder() {
        Map<String, Safetensors.FloatTensor> tensors = new LinkedHashMap<>();
        for (DetectorLayout.DetectorConvolution convolution : layout.convolutions()) {
            tensors.put(convolution.encoderName(), threes(convolution.weight().shape()));
            for (String kind : List.of(".weight", ".bias", ".running_mean", ".running_var")) {
                tensors.put(
                        convolution.norm().encoderName() + kind,
                        threes(List.of(convolution.norm().channels())));
            }
        }
        return tensors;
    }

    private static Safetensors.FloatTensor threes(List<Integer> shape) {
        float[] values = new float[shape.stream().reduce(1, Math::multiplyExact)];
        Arrays.fill(values, 3);
        return new Safetensors.FloatTensor(shape, values);
    }
}
