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
    @ParameterizedTest(name = "400 images, {0} ms busy: {1}")
    @CsvSource({"100, 4000", "2000, 200", "8000, 50"})
    void imagesByASecondOfACore(long busy, double images) {
        assertThat(LoaderRate.perCoreSecond(400, Duration.ofMillis(busy))).hasValue(images);
    }

    @ParameterizedTest(name = "{0} ms")
    @CsvSource({"0", "10", "99"})
    void aTimeThatTheClockCannotTellHasNoRate(long busy) {
        assertThat(LoaderRate.perCoreSecond(400, Duration.ofMillis(busy))).isEmpty();
    }

    @Test
    void theReportSaysThatThereWasTooLittleWork() {
        assertThat(written(OptionalDouble.empty(), BenchMain.Output.json)).doesNotContain("imagesPerCoreSecond");
        assertThat(written(OptionalDouble.empty(), BenchMain.Output.text))
                .contains("a core-second    too little work to tell; ask for more --images");
        assertThat(written(OptionalDouble.of(200), BenchMain.Output.json)).contains("\"imagesPerCoreSecond\" : 200.0");
        assertThat(written(OptionalDouble.of(200), BenchMain.Output.text)).contains("a core-second    200 images");
    }

    private static String written(OptionalDouble perCore, BenchMain.Output output) {
        LoaderRate rate = new LoaderRate(4, new Timings(List.of(0.5)), perCore);
        return InputBench.rates(new BenchReport("input", "input", Map.of()), rate)
                .write(output, 1);
    }
}
