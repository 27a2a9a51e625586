package dev.moco.training.data.pillow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.Vectors;
import dev.moco.training.data.VectorPixels;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class BlurVectorTest {
    private final JsonNode file = Vectors.read("11_gaussian_blur.json");

    @TestFactory
    Stream<DynamicTest> blursEveryPixelAsPillowDoes() {
        return StreamSupport.stream(file.get("cases").spliterator(), false)
                .map(blur -> DynamicTest.dynamicTest("sigma " + blur.get("sigma"), () -> {
                    double sigma = blur.get("sigma").doubleValue();
                    assertThat((double) GaussianBlur.boxRadius(sigma))
                            .isEqualTo(blur.get("box_radius_float").doubleValue());
                    Planes image = VectorPixels.planes(file.get("image_HWC_u8"));
                    GaussianBlur.blur(image, sigma);
                    assertThat(VectorPixels.bytes(image)).isEqualTo(VectorPixels.bytes(blur.get("result")));
                }));
    }
}
