package dev.moco.training.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.contract.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ProgressReporterTest {
    private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");

    private final List<Progress> written = Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong transferred = new AtomicLong();

    @Test
    void aReportIsRepeatedWhileFilesMove() {
        try (ProgressReporter reporter = reporter()) {
            reporter.report(progress("training", 7, START));
            reporter.repeat(START.plusSeconds(10)); // nothing moved
            transferred.addAndGet(1000);
            reporter.repeat(START.plusSeconds(4)); // the report is new
            transferred.addAndGet(1000);
            reporter.repeat(START.plusSeconds(20));
            reporter.repeat(START.plusSeconds(30)); // nothing moved since
            transferred.addAndGet(1000);
            reporter.repeat(START.plusSeconds(40));
        }
        awaitWritten(4);
        assertThat(written)
                .extracting(Progress::updated)
                .containsExactly(START, START.plusSeconds(20), START.plusSeconds(40), START.plusSeconds(40));
        assertThat(written).extracting(Progress::step).containsOnly(7L);
    }

    @Test
    void writingProgressIsNoProgress() {
        AtomicReference<ProgressReporter> own = new AtomicReference<>();
        ProgressReporter.Sink sink = report -> {
            if (report.step() == 8) {
                // The first write has ended, and moved bytes of its own only.
                Objects.requireNonNull(own.get()).repeat(START.plusSeconds(20));
            }
            transferred.addAndGet(500);
            written.add(report);
        };
        try (ProgressReporter reporter = new ProgressReporter(sink, Duration.ZERO, transferred::get)) {
            own.set(reporter);
            reporter.report(progress("training", 7, START));
            reporter.report(progress("training", 8, START));
        }
        awaitWritten(3);
        assertThat(written).extracting(Progress::updated).containsOnly(START);
        assertThat(written).extracting(Progress::step).startsWith(7L, 8L);
    }

    @Test
    void theNewestCheckpointIsInEachReport() {
        try (ProgressReporter reporter = reporter()) {
            reporter.begin(Optional.of(progress("training", 9, START).withCheckpoint(5L)));
            reporter.report(progress("training", 6, START));
            reporter.checkpoint(8L);
            reporter.report(progress("training", 9, START.plusSeconds(10)));
            reporter.report(
                    progress("writing shards", 10, START.plusSeconds(20)).withCheckpoint(4L));
            reporter.phase("uploading");
        }
        awaitWritten(6);
        assertThat(written).extracting(Progress::checkpointStep).startsWith(5L, 5L, 8L, 4L, 4L);
        assertThat(written.get(0).phase()).isEqualTo("starting");
        assertThat(written.get(0).step()).isEqualTo(9);
        assertThat(written.get(4).phase()).isEqualTo("uploading");
    }

    /** Waits for the last reports: a closed reporter waits only some seconds for its thread. */
    private void awaitWritten(int reports) {
        await().atMost(Duration.ofMinutes(10)).until(() -> written.size() >= reports);
    }

    private ProgressReporter reporter() {
        return new ProgressReporter(written::add, Duration.ZERO, transferred::get);
    }

    private static Progress progress(String phase, long step, Instant time) {
        return new Progress(phase, 0, 1, step, 10, null, null, null, null, null, null, null, 1, time);
    }
}
