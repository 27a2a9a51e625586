package dev.moco.training.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.moco.contract.DetectConfig;
import dev.moco.training.Vectors;
import java.util.List;
import org.junit.jupiter.api.Test;

class LearningRateVectorTest {
    @Test
    void thePapersScheduleWarmsUpAndFallsTwice() {
        LearningRate rate = new LearningRate(
                new DetectConfig.Solver(24000, 16, 8, .02, .9, 1e-4, List.of(18000, 22000), 100, .001));
        Vectors.read("04_lr_schedule.json")
                .get("detection_iter_lr")
                .properties()
                .forEach(entry -> assertThat(rate.at(Integer.parseInt(entry.getKey())))
                        .as(entry.getKey())
                        .isCloseTo(entry.getValue().asDouble(), within(1e-12)));
    }
}
