package dev.moco.training.data.pillow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.Vectors;
import dev.moco.training.data.VectorPixels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ObjDoubleConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ColorVectorTest {
    private final JsonNode file = Vectors.read("10_color.json");

    private static final Map<String, ObjDoubleConsumer<Planes>> ADJUSTMENTS = Map.of(
            "brightness", Enhance::brightness,
            "contrast", Enhance::contrast,
            "saturation", Enhance::saturation,
            "hue", Hue::shift);

    @TestFactory
    Stream<DynamicTest> adjustsEveryPixelAsPillowDoes() {
        return ADJUSTMENTS.entrySet().stream()
                .flatMap(adjustment -> cases(file.get(adjustment.getKey())).stream()
                        .map(name -> DynamicTest.dynamicTest(adjustment.getKey() + " " + name, () -> {
                            String[] imageAndFactor = name.split("@", 2);
                            Planes image = VectorPixels.planes(file.get(imageAndFactor[0] + "_HWC_u8"));
                            adjustment.getValue().accept(image, Double.parseDouble(imageAndFactor[1]));
                            assertThat(VectorPixels.bytes(image))
                                    .isEqualTo(VectorPixels.bytes(
                                            file.get(adjustment.getKey()).get(name)));
                        })));
    }

    @Test
    void lumaIsPillowsModeL() {
        for (String name : List.of("image", "pixels")) {
            int[] luma = Luma.of(VectorPixels.planes(file.get(name + "_HWC_u8")));
            int at = 0;
            for (JsonNode row : file.get("L_of_" + name)) {
                for (JsonNode expected : row) {
                    assertThat(luma[at++]).isEqualTo(expected.intValue());
                }
            }
            assertThat(at).isPositive();
        }
    }

    @Test
    void hueSaturationAndValueArePillowsModeHsv() {
        for (String name : List.of("image", "pixels")) {
            Planes image = VectorPixels.planes(file.get(name + "_HWC_u8"));
            Hue.hsv(image);
            assertThat(VectorPixels.bytes(image)).isEqualTo(VectorPixels.bytes(file.get("hsv_of_" + name)));
        }
    }

    @Test
    void grayscaleCopiesLumaToAllChannels() {
        Planes image = VectorPixels.planes(file.get("image_HWC_u8"));
        Enhance.grayscale(image);
        assertThat(VectorPixels.bytes(image)).isEqualTo(VectorPixels.bytes(file.get("grayscale3_image")));
    }

    private static List<String> cases(JsonNode adjustment) {
        List<String> names = new ArrayList<>();
        adjustment.fieldNames().forEachRemaining(names::add);
        assertThat(names).isNotEmpty();
        return names;
    }
}
