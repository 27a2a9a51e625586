package dev.moco.training.detect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Architecture;
import dev.moco.training.resnet.EncoderLayout;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LayoutTest {
    @ParameterizedTest
    @EnumSource
    void theBackboneIsTheEncodersTrunk(Architecture architecture) {
        Layout detector = Layout.of(architecture, 15, 20);
        EncoderLayout encoder = EncoderLayout.backbone(architecture);

        assertThat(detector.convolutions())
                .extracting(Layout.Convolution::encoderName)
                .containsExactlyElementsOf(encoder.convolutions().stream()
                        .map(convolution -> convolution.name() + ".weight")
                        .toList());
        assertThat(detector.convolutions())
                .extracting(convolution -> convolution.norm().encoderName())
                .containsExactlyElementsOf(encoder.convolutions().stream()
                        .map(EncoderLayout.Convolution::norm)
                        .toList());
        assertThat(detector.convolutions())
                .extracting(convolution -> convolution.weight().shape())
                .containsExactlyElementsOf(encoder.convolutions().stream()
                        .map(convolution ->
                                List.of(convolution.out(), convolution.in(), convolution.side(), convolution.side()))
                        .toList());
    }
}
