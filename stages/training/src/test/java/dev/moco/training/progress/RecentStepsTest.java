package dev.moco.training.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RecentStepsTest {
    private long now;
    private final RecentSteps recent = new RecentSteps(() -> now);

    @Test
    void reportsTheFirstSecondsAsTheyGrow() {
        step(1, 9);
        assertThat(recent.metrics()).isEqualTo(new Metrics(9, 90, 99));
        assertThat(recent.rates()).isEqualTo(Map.of("imagesPerSecond", 8.0, "dataWaitShare", 0.5));
        step(3, 3);
        assertThat(recent.metrics()).isEqualTo(new Metrics(6, 60, 66));
        assertThat(recent.rates()).isEqualTo(Map.of("imagesPerSecond", 4.0, "dataWaitShare", 0.25));
    }

    @Test
    void thenReportsWholeWindows() {
        step(8, 9);
        step(3, 4);
        assertThat(recent.metrics()).isEqualTo(new Metrics(9, 90, 99));
        step(2, 1);
        assertThat(recent.metrics()).isEqualTo(new Metrics(2.5, 25, 27.5));
        assertThat(recent.rates()).isEqualTo(Map.of("imagesPerSecond", 3.2, "dataWaitShare", 0.2));
    }

    @Test
    void stepsBeforeABreakCountAndItsTimeDoesNot() {
        step(8, 9);
        for (int epoch = 0; epoch < 3; epoch++) {
            step(2, epoch);
            now += 60_000_000_000L;
            recent.resume();
            recent.resume();
        }
        assertThat(recent.metrics()).isEqualTo(new Metrics(1, 10, 11));
        assertThat(recent.rates()).isEqualTo(Map.of("imagesPerSecond", 4.0, "dataWaitShare", 0.25));
    }

    /** A step of 8 images that took seconds, half a second of it waiting. */
    private void step(int seconds, double loss) {
        now += seconds * 1_000_000_000L;
        recent.trained(new Metrics(loss, 10 * loss, 11 * loss), 8, 500_000_000L);
    }
}
