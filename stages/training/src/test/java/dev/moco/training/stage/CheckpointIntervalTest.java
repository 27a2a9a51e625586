package dev.moco.training.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointIntervalTest {
    @ParameterizedTest(name = "{0} s configured, {1} ms to save: {2} s")
    @CsvSource({"20, 0, 20", "20, 500, 20", "20, 1000, 20", "20, 4600, 92", "600, 4600, 600"})
    void savingTakesATwentiethOfTheTimeAtMost(long configured, long saving, long interval) {
        assertThat(StageRun.interval(Duration.ofSeconds(configured), Duration.ofMillis(saving)))
                .isEqualTo(Duration.ofSeconds(interval));
    }
}
