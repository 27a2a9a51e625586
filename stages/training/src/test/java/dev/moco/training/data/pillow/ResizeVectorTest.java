package dev.moco.training.data.pillow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.Vectors;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.VectorPixels;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ResizeVectorTest {
    private final JsonNode file = Vectors.read("12_pil_bilinear_resize.json");
    private final RgbImage image = VectorPixels.image(file.get("image_HWC_u8"));

    @TestFactory
    Stream<DynamicTest> resizesAsPillowDoes() {
        return StreamSupport.stream(file.get("cases").spliterator(), false).map(resize -> {
            int width = resize.get("out_w").intValue();
            int height = resize.get("out_h").intValue();
            return DynamicTest.dynamicTest(
                    "to " + width + "x" + height,
                    () -> assertThat(PillowResize.resize(image, width, height).pixels())
                            .isEqualTo(VectorPixels.bytes(resize.get("result"))));
        });
    }

    @TestFactory
    Stream<DynamicTest> aWindowOfTheResultHasTheSamePixels() {
        return StreamSupport.stream(file.get("cases").spliterator(), false).map(resize -> {
            RgbImage whole = VectorPixels.image(resize.get("result"));
            Box window =
                    new Box(whole.width() / 3, whole.height() / 3, (whole.width() + 1) / 2, (whole.height() + 1) / 2);
            return DynamicTest.dynamicTest(window + " of " + whole.width() + "x" + whole.height(), () -> {
                byte[] pixels = new byte[window.width() * window.height() * 3];
                PillowResize.resize(
                        image, Box.of(image.width(), image.height()), whole.width(), whole.height(), window, pixels);
                for (int i = 0; i < pixels.length; i++) {
                    int column = window.left() * 3 + i % (window.width() * 3);
                    int row = window.top() + i / (window.width() * 3);
                    assertThat(pixels[i]).isEqualTo(whole.pixels()[row * whole.width() * 3 + column]);
                }
            });
        });
    }

    @TestFactory
    Stream<DynamicTest> cropsThenResizesAsTorchvisionDoes() {
        return StreamSupport.stream(file.get("cases_crop").spliterator(), false).map(resize -> {
            Box crop = new Box(
                    resize.get("j_left").intValue(),
                    resize.get("i_top").intValue(),
                    resize.get("w").intValue(),
                    resize.get("h").intValue());
            int size = resize.get("out_size").intValue();
            return DynamicTest.dynamicTest(crop + " to " + size, () -> {
                byte[] pixels = new byte[size * size * 3];
                PillowResize.resize(image, crop, size, size, pixels);
                assertThat(pixels).isEqualTo(VectorPixels.bytes(resize.get("result")));
            });
        });
    }
}
