package dev.moco.training.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoaderRateTest {
    @ParameterizedTest(name = "400 images, {0} ms of processor time: {1}")
    @CsvSource({"100, 4000", "2000, 200", "8000, 50"})
    void imagesPerCoreSecond(long cpuMillis, double images) {
        assertThat(LoaderRate.perCoreSecond(400, Duration.ofMillis(cpuMillis))).hasValue(images);
    }

    @ParameterizedTest(name = "{0} ms")
    @CsvSource({"0", "10", "99"})
    void aTimeTooShortToMeasureHasNoRate(long cpuMillis) {
        assertThat(LoaderRate.perCoreSecond(400, Duration.ofMillis(cpuMillis))).isEmpty();
    }

    @Test
    void theReportStatesThatThereWereTooFewImages() {
        assertThat(written(OptionalDouble.empty(), BenchMain.Output.json)).doesNotContain("imagesPerCoreSecond");
        assertThat(written(OptionalDouble.empty(), BenchMain.Output.text))
                .contains("images/core-s    not measurable, too few images; set a larger --images");
        assertThat(written(OptionalDouble.of(200), BenchMain.Output.json)).contains("\"imagesPerCoreSecond\" : 200.0");
        assertThat(written(OptionalDouble.of(200), BenchMain.Output.text)).contains("images/core-s    200");
    }

    private static String written(OptionalDouble perCore, BenchMain.Output output) {
        LoaderRate rate = new LoaderRate(4, new Timings(List.of(0.5)), perCore);
        return InputBench.rates(new BenchReport("input", "input", Map.of()), rate)
                .write(output, 1);
    }
}
