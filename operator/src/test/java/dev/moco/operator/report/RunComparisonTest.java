package dev.moco.operator.report;

import static dev.moco.operator.report.TestRuns.input;
import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Manifest;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Metric;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Summary;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RunComparisonTest {
    @Test
    void metricsOfEitherRunAreBesideEachOther() throws IOException {
        assertThat(lines(
                        List.of(),
                        Metric.of("linear.top1.best", 67.3, "%"),
                        Metric.of("linear.top1.last", 67.3, "%"),
                        Metric.of("another.recall", 41.25, "%")))
                .contains(
                        "another.recall                41.2500    –                        %",
                        "linear.top1.best              67.3000    67.4000     +0.1000      %",
                        "linear.top1.last              67.3000    67.3000     0            %",
                        "pretrain.knn.top1             –          55.5000                  %");
    }

    @Test
    void aTaskIsComparedByItsKeyAndItsDigest() throws IOException {
        Manifest linear = input().run("linear").orElseThrow().manifest();
        String other = "f".repeat(12);
        assertThat(lines(List.of(
                        stage("linear", linear.key(), linear.digest().substring(0, 12)),
                        stage("linear", linear.key(), other),
                        stage("linear", other, other),
                        stage("linear", null, null),
                        stage("detect-7", other, other))))
                .startsWith(
                        "TASK       RESULT",
                        "linear     same bytes",
                        "linear     other bytes of the same configuration and inputs",
                        "linear     other key: its configuration, raw data or inputs differ",
                        "linear     not committed in the recorded run",
                        "detect-7   not committed here");
    }

    private static StageStatus stage(String name, @Nullable String key, @Nullable String digest) {
        return new StageStatus(name, "linear", "Succeeded", "", key, digest, null, null, null, null, 0, 0, null, null);
    }

    private static List<String> lines(List<StageStatus> stages, Metric... metrics) throws IOException {
        return RunComparison.lines(
                        new MoCoExperimentStatus(
                                null,
                                List.of(),
                                stages,
                                Summary.EMPTY,
                                List.of(),
                                List.of(metrics),
                                null,
                                null,
                                List.of(),
                                null,
                                null,
                                null,
                                null),
                        input())
                .stream()
                .map(String::stripTrailing)
                .toList();
    }
}
