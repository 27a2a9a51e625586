package dev.moco.training.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.training.Vectors;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.augment.ViewTransforms.Transform;
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
    void transformsHaveTheOriginalsOrder(Augmentation augmentation, String order) {
        List<Transform> transforms = StreamSupport.stream(file.get(order).spliterator(), false)
                .flatMap(line -> transform(line.textValue()).stream())
                .toList();
        assertThat(ViewTransforms.of(augmentation).order()).isEqualTo(transforms);
        assertThat(file.get(order).get(0).textValue()).startsWith("RandomResizedCrop");
    }

    @ParameterizedTest
    @CsvSource({"V1, v1_order", "AUG_PLUS, v2_order"})
    void transformsAreAppliedAsOftenAsInTheOriginal(Augmentation augmentation, String order) {
        List<ViewParameters> draws = draws(augmentation);
        assertShare(draws, draw -> draw.jitter().isPresent(), order, "ColorJitter");
        assertShare(draws, ViewParameters::grayscale, order, "Grayscale");
        assertShare(draws, draw -> draw.sigma().isPresent(), order, "GaussianBlur");
        assertShare(draws, ViewParameters::flip, order, "HorizontalFlip");
    }

    @ParameterizedTest
    @CsvSource({"V1, hue_v1", "AUG_PLUS, hue_v2"})
    void factorsCoverTheirRanges(Augmentation augmentation, String hue) {
        List<ColorJitter> jitters = draws(augmentation).stream()
                .flatMap(draw -> draw.jitter().stream())
                .toList();
        assertCoversRange(jitters, ColorJitter::brightness, "brightness");
        assertCoversRange(jitters, ColorJitter::contrast, "contrast");
        assertCoversRange(jitters, ColorJitter::saturation, "saturation");
        assertCoversRange(jitters, ColorJitter::hue, hue);
    }

    @Test
    void ordersOfTheJitterAreEquallyLikely() {
        List<ColorJitter> jitters = draws(Augmentation.V1).stream()
                .flatMap(draw -> draw.jitter().stream())
                .toList();
        double expected = jitters.size() / 24.0;
        double threeSigma = 3 * Math.sqrt(expected * 23 / 24);
        // Among 24 counts, some may differ by slightly more than three standard deviations.
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

    private static List<ViewParameters> draws(Augmentation augmentation) {
        return IntStream.range(0, DRAWS)
                .mapToObj(i -> ViewParameters.draw(ViewTransforms.of(augmentation), 500, 375, CounterRandom.of(16, i)))
                .toList();
    }

    private static Optional<Transform> transform(String line) {
        if (line.contains("ColorJitter")) {
            return Optional.of(Transform.COLOR_JITTER);
        }
        if (line.contains("Grayscale")) {
            return Optional.of(Transform.GRAYSCALE);
        }
        return line.contains("GaussianBlur") ? Optional.of(Transform.GAUSSIAN_BLUR) : Optional.empty();
    }

    /** Checks that the share of draws is within the file's bounds for the transform's probability. */
    private void assertShare(
            List<ViewParameters> draws, Predicate<ViewParameters> happened, String order, String step) {
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

    private void assertCoversRange(List<ColorJitter> jitters, ToDoubleFunction<ColorJitter> factor, String name) {
        double low = file.get("factor_ranges").get(name).get(0).doubleValue();
        double high = file.get("factor_ranges").get(name).get(1).doubleValue();
        double margin = (high - low) * 0.01;
        assertThat(jitters.stream().mapToDouble(factor).min().orElseThrow()).isBetween(low, low + margin);
        assertThat(jitters.stream().mapToDouble(factor).max().orElseThrow()).isBetween(high - margin, high);
        assertThat(jitters.stream().mapToDouble(factor).average().orElseThrow())
                .isCloseTo((low + high) / 2, within(margin));
    }
}
