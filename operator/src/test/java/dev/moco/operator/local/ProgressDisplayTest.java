package dev.moco.operator.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Progress;
import dev.moco.operator.report.StatusReport;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressDisplayTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void pipedOutputHasALineForEachTransitionAndEveryTenSeconds() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ProgressDisplay display = new ProgressDisplay(new PrintStream(bytes, true, StandardCharsets.UTF_8), false);
        display.event("pretrain", "started");
        for (int second = 0; second < 15; second++) {
            display.progress("pretrain", progress(100 + second), START.plusSeconds(second));
        }
        display.event("pretrain", "done in 15 s");
        display.end();
        assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "pretrain          started",
                        "pretrain          training epoch 2/20 step 100/1560 loss 6.731 top-1 12.5 top-5 30.0"
                                + " 812 images/s data 3% ETA 1m05s",
                        "pretrain          training epoch 2/20 step 110/1560 loss 6.731 top-1 12.5 top-5 30.0"
                                + " 812 images/s data 3% ETA 1m05s",
                        "pretrain          done in 15 s");
    }

    @ParameterizedTest
    @CsvSource({"8.6, 9s", "65, 1m05s", "190800, 53h00m"})
    void etasUseAtMostTwoUnits(double seconds, String text) {
        assertThat(StatusReport.eta(seconds)).isEqualTo(text);
    }

    private static Progress progress(long step) {
        return new Progress("training", 1, 20, step, 1560, 812.3, 0.031, 6.7312, 12.5, 30.0, 65.0, 100L, 900, START);
    }
}
