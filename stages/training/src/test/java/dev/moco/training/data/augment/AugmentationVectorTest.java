package dev.moco.training.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.training.Vectors;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.augment.ViewRecipe.Step;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AugmentationVectorTest {
    private final JsonNode file = Vectors.read("16_aug_probabilities.json");
    private static final String BOUNDS = "binomial_3sigma_bounds_n10000";
    private static final int DRAWS = 10_000;

    @ParameterizedTest
    @CsvSource({"V1, v1_order", "AUG_PLUS, v2_order"})
    void stepsFollowTheOriginalsOrder(Augmentation augmentation, String order) {
        List<Step> steps = StreamSupport.stream(file.get(order).spliterator(), false)
                .flatMap(line -> step(line.textValue()).stream())
                .toList();
        assertThat(ViewRecipe.of(augmentation).steps()).isEqualTo(steps);
        assertThat(file.get(order).get(0).textValue()).startsWith("RandomResizedCrop");
    }

    @ParameterizedTest
    @CsvSource({"V1, v1_order", "AUG_PLUS, v2_order"})
    void stepsHappenAsOftenAsInTheOriginal(Augmentation augmentation, String order) {
        List<ViewDraw> draws = draws(augmentation);
        assertShare(draws, draw -> draw.jitter().isPresent(), order, "ColorJitter");
        assertShare(draws, ViewDraw::grayscale, order, "Grayscale");
        assertShare(draws, draw -> draw.sigma().isPresent(), order, "GaussianBlur");
        assertShare(draws, ViewDraw::flip, order, "HorizontalFlip");
    }

    @ParameterizedTest
    @CsvSource({"V1, hue_v1", "AUG_PLUS, hue_v2"})
    void factorsFillTheirRanges(Augmentation augmentation, String hue) {
        List<ColorJitter> jitters = draws(augmentation).stream()
                .flatMap(draw -> draw.jitter().stream())
                .toList();
        assertFills(jitters, ColorJitter::brightness, "brightness");
        assertFills(jitters, ColorJitter::contrast, "contrast");
        assertFills(jitters, ColorJitter::saturation, "saturation");
        assertFills(jitters, ColorJitter::hue, hue);
    }

    @Test
    void ordersOfTheJitterAreEquallyLikely() {
        List<ColorJitter> jitters = draws(Augmentation.V1).stream()
                .flatMap(draw -> draw.jitter().stream())
                .toList();
        double expected = jitters.size() / 24.0;
        double threeSigma = 3 * Math.sqrt(expected * 23 / 24);
        // Of 24 counts, some may lie a little beyond three standard deviations.
        assertThat(jitters.stream().map(ColorJitter::order).distinct().toList())
                .hasSize(24)
                .allSatisfy(order -> assertThat((double) jitters.stream()
                                .filter(jitter -> jitter.order().equals(order))
                                .count())
                        .isBetween(expected - 1.3 * threeSigma, expected + 1.3 * threeSigma));
    }

    @Test
    void boundsAreThreeStandardDeviations() {
        file.get(BOUNDS).properties().forEach(bounds -> {
            double probability = Double.parseDouble(bounds.getKey());
            double threeSigma = 3 * Math.sqrt(probability * (1 - probability) / DRAWS);
            assertThat(bounds.getValue().get(0).doubleValue()).isCloseTo(probability - threeSigma, within(1e-12));
            assertThat(bounds.getValue().get(1).doubleValue()).isCloseTo(probability + threeSigma, within(1e-12));
        });
    }

    private static List<ViewDraw> draws(Augmentation augmentation) {
        return IntStream.range(0, DRAWS)
                .mapToObj(i -> ViewDraw.draw(ViewRecipe.of(augmentation), 500, 375, CounterRandom.of(16, i)))
                .toList();
    }

    private static Optional<Step> step(String line) {
        if (line.contains("ColorJitter")) {
            return Optional.of(Step.COLOR_JITTER);
        }
        if (line.contains("Grayscale")) {
            return Optional.of(Step.GRAYSCALE);
        }
        return line.contains("GaussianBlur") ? Optional.of(Step.GAUSSIAN_BLUR) : Optional.empty();
    }

    /** The share of draws must lie within the file's bounds for the step's probability. */
    private void assertShare(List<ViewDraw> draws, Predicate<ViewDraw> happened, String order, String step) {
        double share = (double) draws.stream().filter(happened).count() / draws.size();
        Optional<String> line = StreamSupport.stream(file.get(order).spliterator(), false)
                .map(JsonNode::textValue)
                .filter(text -> text.contains(step))
                .findFirst();
        if (line.isEmpty()) {
            assertThat(share).as(step).isZero();
            return;
        }
        Matcher probability = Pattern.compile("p=([0-9.]+)").matcher(line.get());
        if (probability.find()) {
            JsonNode bounds = file.get(BOUNDS).get(probability.group(1));
            assertThat(share)
                    .as(step)
                    .isBetween(bounds.get(0).doubleValue(), bounds.get(1).doubleValue());
        } else {
            assertThat(line.get()).endsWith("always");
            assertThat(share).as(step).isOne();
        }
    }

    private void assertFills(List<ColorJitter> jitters, ToDoubleFunction<ColorJitter> factor, String name) {
        double low = file.get("factor_ranges").get(name).get(0).doubleValue();
        double high = file.get("factor_ranges").get(name).get(1).doubleValue();
        double margin = (high - low) * 0.01;
        assertThat(jitters.stream().mapToDouble(factor).min().orElseThrow()).isBetween(low, low + margin);
        assertThat(jitters.stream().mapToDouble(factor).max().orElseThrow()).isBetween(high - margin, high);
        assertThat(jitters.stream().mapToDouble(factor).average().orElseThrow())
                .isCloseTo((low + high) / 2, within(margin));
    }
}
