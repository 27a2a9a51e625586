package dev.moco.training.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.training.bench.Timings.Spread;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimingsTest {
    @ParameterizedTest(name = "{0}: median {1}, {2} to {3}")
    @CsvSource({
        "2,         2,   2, 2",
        "3 1,       2,   1, 3",
        "4 1 2,     2,   1, 4",
        "8 1 4 2,   3,   1, 8",
        "1 1 1 1 9, 1,   1, 9"
    })
    void theMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo(String seconds, double median, double min, double max) {
        assertThat(timings(seconds).spread()).isEqualTo(new Spread(median, min, max));
    }

    @Test
    void theSlowestStepHasTheLowestRate() {
        assertThat(timings("4 1 2").rates(8)).isEqualTo(new Spread(4, 2, 8));
    }

    @Test
    void stepsKeepTheirOrderAndTheWarmUpIsNotTimed() throws Exception {
        List<Integer> run = new ArrayList<>();
        Timings timings = Timings.of(2, 3, run::add);
        assertThat(run).containsExactly(0, 1, 2, 3, 4);
        assertThat(timings.seconds()).hasSize(3);
        assertThat(timings.total())
                .isEqualTo(
                        timings.seconds().stream().mapToDouble(second -> second).sum());
    }

    @Test
    void noRepetitionIsAnError() {
        assertThatThrownBy(() -> new Timings(List.of())).hasMessage("no repetition was timed");
    }

    @ParameterizedTest(name = "{0} as {1}")
    @CsvSource({"0.0421, 0.042", "2.333, 2.33", "13.72, 13.7", "410.4, 410", "1229.6, 1230"})
    void numbersHaveThreeDigits(double value, String text) {
        assertThat(BenchReport.format(value)).isEqualTo(text);
    }

    private static Timings timings(String seconds) {
        return new Timings(
                Arrays.stream(seconds.split(" ")).map(Double::valueOf).toList());
    }
}
