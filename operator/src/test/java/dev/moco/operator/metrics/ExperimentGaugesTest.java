package dev.moco.operator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.jobs.JobLabels;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ExperimentGaugesTest {
    private static final Instant NOW = Instant.parse("2026-01-01T05:00:00Z");

    @Test
    void theLongestWaitOfAStageCountsAndNotTheSumOfItsPods() {
        assertThat(pending(
                        waits("a", "detect", NOW.minusSeconds(100)),
                        waits("a", "detect", NOW.minusSeconds(300)),
                        waits("a", "detect", NOW.minusSeconds(200)),
                        waits("b", "linear", NOW.minusSeconds(7))))
                .containsExactlyInAnyOrderEntriesOf(Map.of("lab/a/detect/detect", 300.0, "lab/b/linear/linear", 7.0));
    }

    private static PendingStage waits(String experiment, String task, Instant since) {
        return new PendingStage(
                new JobBuilder()
                        .withNewMetadata()
                        .withNamespace("lab")
                        .addToLabels(JobLabels.EXPERIMENT, experiment)
                        .addToLabels(JobLabels.STAGE, task)
                        .addToLabels(JobLabels.TASK, task)
                        .endMetadata()
                        .build(),
                since);
    }

    private static Map<String, Double> pending(PendingStage... waiting) {
        ExperimentGauges gauges =
                new ExperimentGauges(Stream::empty, () -> Stream.of(waiting), Clock.fixed(NOW, ZoneOffset.UTC));
        return gauges.collect().stream()
                .filter(series -> series.getMetadata().getName().equals("moco_stage_pending_seconds"))
                .flatMap(series -> ((GaugeSnapshot) series).getDataPoints().stream())
                .collect(Collectors.toMap(
                        point -> Stream.of("namespace", "experiment", "stage", "task")
                                .map(label -> point.getLabels().get(label))
                                .collect(Collectors.joining("/")),
                        GaugeSnapshot.GaugeDataPointSnapshot::getValue));
    }
}
