package dev.moco.training.data.augment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.Vectors;
import dev.moco.training.data.VectorPixels;
import dev.moco.training.data.augment.ColorJitter.Adjustment;
import dev.moco.training.data.pillow.Planes;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class JitterVectorTest {
    private final JsonNode file = Vectors.read("10_color.json");

    @TestFactory
    Stream<DynamicTest> adjustmentsFollowEachOtherInTheDrawnOrder() {
        return StreamSupport.stream(file.get("orders").spliterator(), false)
                .map(order -> DynamicTest.dynamicTest("order " + order.get("order"), () -> {
                    ColorJitter jitter = new ColorJitter(
                            StreamSupport.stream(order.get("order").spliterator(), false)
                                    .map(number -> adjustment(number.intValue()))
                                    .toList(),
                            order.get("brightness").doubleValue(),
                            order.get("contrast").doubleValue(),
                            order.get("saturation").doubleValue(),
                            order.get("hue").doubleValue());
                    Planes image = VectorPixels.planes(file.get("image_HWC_u8"));
                    jitter.apply(image);
                    assertThat(VectorPixels.bytes(image)).isEqualTo(VectorPixels.bytes(order.get("result")));
                }));
    }

    private Adjustment adjustment(int number) {
        Matcher name = Pattern.compile("\\b" + number + " (\\w+)")
                .matcher(file.get("order_encoding").textValue());
        assertThat(name.find()).isTrue();
        return Adjustment.valueOf(name.group(1).toUpperCase(Locale.ROOT));
    }
}
