package dev.moco.training.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.Vectors;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.pillow.Box;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class RandomCropVectorTest {
    private final JsonNode file = Vectors.read("15_random_resized_crop.json");
    private static final String STATISTICS = "torchvision_20000_draw_statistics_scale_0.2_1";
    /** MoCo's. */
    private static final double SMALLEST_AREA = 0.2;

    private static final int DRAWS = 20_000;
    /** Three standard errors of the difference between two means of 20,000 draws, in units of one draw's deviation. */
    private static final double THREE_SIGMA = 3 * Math.sqrt(2.0 / DRAWS);

    @TestFactory
    Stream<DynamicTest> uniformsGiveTorchvisionsCrop() {
        return StreamSupport.stream(file.get("cases").spliterator(), false).map(crop -> {
            int width = crop.get("w").intValue();
            int height = crop.get("h").intValue();
            JsonNode expected = crop.get("expected");
            return DynamicTest.dynamicTest(width + "x" + height + " " + expected, () -> {
                int[] used = {0};
                Box box = new RandomResizedCrop(SMALLEST_AREA)
                        .draw(
                                width,
                                height,
                                () -> crop.get("uniforms").get(used[0]++).doubleValue());
                assertThat(box)
                        .isEqualTo(new Box(
                                expected.get("j").intValue(),
                                expected.get("i").intValue(),
                                expected.get("w").intValue(),
                                expected.get("h").intValue()));
                int drawnForPosition = expected.get("fallback").booleanValue() ? 0 : 2;
                assertThat(used[0]).isEqualTo(2 * expected.get("attempts").intValue() + drawnForPosition);
            });
        });
    }

    @TestFactory
    Stream<DynamicTest> drawsHaveTorchvisionsStatistics() {
        return file.get(STATISTICS).properties().stream().map(field -> {
            int height = Integer.parseInt(field.getKey().split("x", 2)[0]);
            int width = Integer.parseInt(field.getKey().split("x", 2)[1]);
            return DynamicTest.dynamicTest(height + " rows, " + width + " columns", () -> {
                Box[] crops = IntStream.range(0, DRAWS)
                        .mapToObj(i -> new RandomResizedCrop(SMALLEST_AREA)
                                .draw(width, height, CounterRandom.of(15, width, height, i)::nextDouble))
                        .toArray(Box[]::new);
                assertStatistics(field, crops, (double) width * height);
            });
        });
    }

    @Test
    void halvesAreRoundedToEven() {
        for (JsonNode example : file.get("rounding_examples_half_even")) {
            int side = (int) Math.round(1 + 2 * example.get("x").doubleValue());
            assertThat(ResizeCenterCrop.of(1, 1, side, 1).window().left())
                    .isEqualTo(example.get("round").intValue());
        }
    }

    private static void assertStatistics(Map.Entry<String, JsonNode> field, Box[] crops, double area) {
        JsonNode expected = field.getValue();
        ToDoubleFunction<Box> share = crop -> crop.width() * crop.height() / area;
        ToDoubleFunction<Box> logAspect = crop -> Math.log((double) crop.width() / crop.height());
        assertMean(crops, share, expected.get("mean_area_frac").doubleValue());
        assertMean(crops, logAspect, expected.get("mean_log_aspect").doubleValue());
        assertMean(crops, Box::top, expected.get("mean_i").doubleValue());
        assertMean(crops, Box::left, expected.get("mean_j").doubleValue());
        // For these bounded distributions, a standard deviation has a smaller standard error than a mean.
        double spread = deviation(crops, logAspect);
        assertThat(Math.abs(spread - expected.get("std_log_aspect").doubleValue()))
                .isLessThanOrEqualTo(THREE_SIGMA * spread);
        assertThat(Stream.of(crops).mapToDouble(share).min().orElseThrow())
                .isBetween(
                        bounds(expected, "min_area_frac", low -> low - 0.002),
                        bounds(expected, "min_area_frac", low -> low + 0.01));
        assertThat(Stream.of(crops).mapToDouble(share).max().orElseThrow())
                .isBetween(
                        bounds(expected, "max_area_frac", high -> high - 0.01),
                        bounds(expected, "max_area_frac", high -> Math.min(high + 0.01, 1)));
        double whole =
                Stream.of(crops).mapToDouble(share).filter(part -> part == 1).count();
        // Crops of the whole image are so rare that their count has a Poisson distribution.
        assertThat(whole)
                .isCloseTo(DRAWS * expected.get("frac_full_image").doubleValue(), within(5 + 5 * Math.sqrt(whole)));
    }

    private static double bounds(JsonNode expected, String name, DoubleUnaryOperator bound) {
        return bound.applyAsDouble(expected.get(name).doubleValue());
    }

    private static void assertMean(Box[] crops, ToDoubleFunction<Box> value, double expected) {
        double mean = Stream.of(crops).mapToDouble(value).average().orElseThrow();
        assertThat(Math.abs(mean - expected)).isLessThanOrEqualTo(THREE_SIGMA * deviation(crops, value));
    }

    private static double deviation(Box[] crops, ToDoubleFunction<Box> value) {
        double mean = Stream.of(crops).mapToDouble(value).average().orElseThrow();
        return Math.sqrt(Stream.of(crops)
                .mapToDouble(crop -> Math.pow(value.applyAsDouble(crop) - mean, 2))
                .average()
                .orElseThrow());
    }
}
