package dev.moco.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StepWorkTest {
    private static LinearConfig linear(boolean untrained, int epochs, int batchSize, double rate, long seed) {
        return new LinearConfig(
                Architecture.RESNET50,
                untrained,
                seed,
                224,
                epochs,
                batchSize,
                new Optimizer(rate, 0.9, 0, Optimizer.Schedule.STEP, List.of(60, 80)),
                Precision.FLOAT32,
                seed);
    }

    @Test
    void seedsRatesAndLengthsChangeNoStep() {
        assertThat(StepWork.of(linear(true, 100, 256, 30, 1), 2))
                .isEqualTo(StepWork.of(linear(false, 3, 256, 10, 2), 2));
    }

    @Test
    void batchAndThreadsDo() {
        String work = StepWork.of(linear(true, 100, 256, 30, 1), 2);
        assertThat(StepWork.of(linear(true, 100, 128, 30, 1), 2)).isNotEqualTo(work);
        assertThat(StepWork.of(linear(true, 100, 256, 30, 1), 4)).isNotEqualTo(work);
    }
}
