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

    private static final Map<String, ObjDoubleConsumer<byte[]>> ADJUSTMENTS = Map.of(
            "brightness", Enhance::brightness,
            "contrast", Enhance::contrast,
            "saturation", Enhance::saturation,
            "hue", Hue::rotate);

    @TestFactory
    Stream<DynamicTest> adjustsEveryPixelAsPillowDoes() {
        return ADJUSTMENTS.entrySet().stream()
                .flatMap(adjustment -> cases(file.get(adjustment.getKey())).stream()
                        .map(name -> DynamicTest.dynamicTest(adjustment.getKey() + " " + name, () -> {
                            String[] imageAndFactor = name.split("@", 2);
                            byte[] pixels = VectorPixels.bytes(file.get(imageAndFactor[0] + "_HWC_u8"));
                            adjustment.getValue().accept(pixels, Double.parseDouble(imageAndFactor[1]));
                            assertThat(pixels)
                                    .isEqualTo(VectorPixels.bytes(
                                            file.get(adjustment.getKey()).get(name)));
                        })));
    }

    @Test
    void lumaIsPillowsModeL() {
        for (String name : List.of("image", "pixels")) {
            byte[] pixels = VectorPixels.bytes(file.get(name + "_HWC_u8"));
            int at = 0;
            for (JsonNode row : file.get("L_of_" + name)) {
                for (JsonNode luma : row) {
                    assertThat(Luma.of(pixels, at)).isEqualTo(luma.intValue());
                    at += 3;
                }
            }
            assertThat(at).isEqualTo(pixels.length);
        }
    }

    @Test
    void hueSaturationAndValueArePillowsModeHsv() {
        for (String name : List.of("image", "pixels")) {
            byte[] pixels = VectorPixels.bytes(file.get(name + "_HWC_u8"));
            byte[] expected = VectorPixels.bytes(file.get("hsv_of_" + name));
            for (int at = 0; at < pixels.length; at += 3) {
                int hsv = Hue.hsv(pixels[at] & 0xff, pixels[at + 1] & 0xff, pixels[at + 2] & 0xff);
                assertThat(new int[] {hsv >> 16, hsv >> 8 & 0xff, hsv & 0xff})
                        .containsExactly(expected[at] & 0xff, expected[at + 1] & 0xff, expected[at + 2] & 0xff);
            }
        }
    }

    @Test
    void grayscaleCopiesLumaToAllChannels() {
        byte[] pixels = VectorPixels.bytes(file.get("image_HWC_u8"));
        Enhance.grayscale(pixels);
        assertThat(pixels).isEqualTo(VectorPixels.bytes(file.get("grayscale3_image")));
    }

    private static List<String> cases(JsonNode adjustment) {
        List<String> names = new ArrayList<>();
        adjustment.fieldNames().forEachRemaining(names::add);
        assertThat(names).isNotEmpty();
        return names;
    }
}
