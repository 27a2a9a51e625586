package dev.moco.operator.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Progress;
import dev.moco.operator.report.StatusReport;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressDisplayTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void pipedOutputHasALineForEachTransitionAndEveryTenSeconds() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ProgressDisplay display = new ProgressDisplay(new PrintStream(bytes, true, StandardCharsets.UTF_8), 0);
        display.event("pretrain", "started");
        for (int second = 0; second < 15; second++) {
            display.progress("pretrain", progress(100 + second), START.plusSeconds(second));
        }
        display.progress("prepare-voc", listing(1200), START);
        display.progress("linear", listing(0), START);
        display.ended("pretrain", "done in 15 s", true);
        display.end();
        assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "pretrain          started",
                        "pretrain          training epoch 2/20 step 100/1560 loss 6.731 top-1 12.5 top-5 30.0"
                                + " 812 images/s data 3% ETA 1m05s",
                        "pretrain          training epoch 2/20 step 110/1560 loss 6.731 top-1 12.5 top-5 30.0"
                                + " 812 images/s data 3% ETA 1m05s",
                        "prepare-voc       listing step 1200",
                        "linear            listing",
                        "pretrain          done in 15 s");
    }

    @ParameterizedTest(name = "{0} columns")
    @CsvSource(
            delimiter = '|',
            value = {
                "60  | pretrain          ░░░░░░░░░░░░░░░   6% epoch 2/20 ETA 1m05s",
                "80  | pretrain          █░░░░░░░░░░░░░░░░░░░   6% epoch 2/20 loss 6.731 ETA 1m05s",
                "120 | pretrain          █░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   6% epoch 2/20 loss 6.731 top-1 12.5"
                        + " 812 images/s data 3% ETA 1m05s",
                "200 | pretrain          █░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   6% epoch 2/20 step 100/1560 loss 6.731 top-1 12.5"
                        + " top-5 30.0 812 images/s data 3% ETA 1m05s"
            })
    void aBarHasTheWidthOfTheTerminal(int columns, String line) {
        VirtualScreen screen = new VirtualScreen();
        ProgressDisplay display = new ProgressDisplay(screen.stream(), columns);
        display.progress("pretrain", progress(100), START);
        assertThat(screen.lines()).containsExactly(line);
        assertThat(line.length()).isLessThan(columns);
    }

    @Test
    void barsStayBelowWhatHasHappenedAndEndFull() {
        VirtualScreen screen = new VirtualScreen();
        ProgressDisplay display = new ProgressDisplay(screen.stream(), 80);
        display.event("pretrain", "started");
        display.progress("pretrain", progress(1500), START);
        display.progress("prepare-voc", listing(1200), START);
        display.total(new TimeLeft(1, 5, 60, 180, List.of()), START);
        display.event("linear", "started");
        assertThat(screen.lines())
                .containsExactly(
                        "pretrain          started",
                        "linear            started",
                        "pretrain          ███████████████████░  96% epoch 2/20 loss 6.731 ETA 1m05s",
                        "prepare-voc       listing step 1200",
                        "total             █████░░░░░░░░░░░░░░░  25% 1 of 5 stages done, 3m00s left");
        display.ended("pretrain", "done in 15s", true);
        display.ended("prepare-voc", "failed with exit code 65", false);
        display.total(new TimeLeft(2, 5, 60, 180, List.of("linear")), START);
        assertThat(screen.lines())
                .containsExactly(
                        "pretrain          started",
                        "linear            started",
                        "pretrain          ████████████████████ 100% done in 15s",
                        "prepare-voc       ░░░░░░░░░░░░░░░░░░░░   0% failed with exit code 65",
                        "total             2 of 5 stages done, 3m00s left, without linear");
        display.end();
        assertThat(screen.lines()).hasSize(4).last().asString().contains("failed");
    }

    /** A terminal that knows lines, and the sequences that go up and erase. */
    private static final class VirtualScreen {
        private static final Pattern UP = Pattern.compile("\u001b\\[(\\d+)F\u001b\\[J");
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        PrintStream stream() {
            return new PrintStream(bytes, true, StandardCharsets.UTF_8);
        }

        List<String> lines() {
            List<String> lines = new ArrayList<>();
            String text = bytes.toString(StandardCharsets.UTF_8).replaceAll("\u001b\\[\\?7[lh]", "");
            for (String line : text.lines().toList()) {
                Matcher up = UP.matcher(line);
                String rest = line;
                while (up.find()) {
                    int left = lines.size() - Integer.parseInt(up.group(1));
                    lines = new ArrayList<>(lines.subList(0, left));
                    rest = line.substring(up.end());
                }
                lines.add(rest);
            }
            if (text.endsWith("\u001b[J")) {
                lines.remove(lines.size() - 1);
            }
            return lines;
        }
    }

    @ParameterizedTest
    @CsvSource({"8.6, 9s", "65, 1m05s", "190800, 53h00m"})
    void etasUseAtMostTwoUnits(double seconds, String text) {
        assertThat(StatusReport.eta(seconds)).isEqualTo(text);
    }

    private static Progress listing(long files) {
        return new Progress("listing", 0, 1, files, 0, null, null, null, null, null, null, null, 0, START);
    }

    private static Progress progress(long step) {
        return new Progress("training", 1, 20, step, 1560, 812.3, 0.031, 6.7312, 12.5, 30.0, 65.0, 100L, 900, START);
    }
}
