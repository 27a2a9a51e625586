package dev.moco.operator.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.artifacts.StepTimes;
import dev.moco.contract.Experiment;
import dev.moco.contract.Manifest;
import dev.moco.contract.Progress;
import dev.moco.contract.StageConfig;
import dev.moco.operator.plan.Attempts;
import dev.moco.operator.plan.Commits;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Plan;
import dev.moco.operator.plan.PlanInput;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.spec.ExperimentFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeLeftTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0} cores: {1} s")
    @CsvSource({"1, 48100", "4, 24100"})
    void trialsOfDetectionRunAfterPretrainingAndSideBySideIfThereIsRoom(int cores, double left) throws IOException {
        Capacity capacity = new Capacity(cores, 1_000_000, 0, 0, OptionalInt.empty());
        Decision decision = decision();
        StepTimes times = new StepTimes(folder);
        for (PlannedTask task : decision.tasks()) {
            StageConfig config = task.config().orElseThrow();
            if (task.task().name().startsWith("detect")) {
                times.put(config, capacity.threads(config), 1);
            }
        }
        TimeLeft time =
                TimeLeft.of(decision, new HashSet<>(), Map.of("pretrain", progress(100)), capacity, times, 1000);
        assertThat(time).isEqualTo(new TimeLeft(2, 6, 1000, left, List.of("linear")));
        assertThat(time.text()).matches("2 of 6 stages done, .* left, without linear");
    }

    @Test
    void withoutAnyTimeItIsNotKnown() throws IOException {
        Capacity capacity = new Capacity(4, 1_000_000, 0, 0, OptionalInt.empty());
        TimeLeft time = TimeLeft.of(decision(), new HashSet<>(), Map.of(), capacity, new StepTimes(folder), 10);
        assertThat(time.text()).isEqualTo("2 of 6 stages done, time left not known yet");
        assertThat(new TimeLeft(1, 3, 10, 30, List.of("a", "b")).text())
                .isEqualTo("1 of 3 stages done, 30s left, without 2 stages");
        assertThat(new TimeLeft(1, 3, 10, 30, List.of()).share()).isEqualTo(0.25);
    }

    /** Both preparations and the pre-training are the same tasks; what follows has no key yet. */
    @Test
    void whatExperimentsShareCountsOnce() throws IOException {
        Capacity capacity = new Capacity(4, 1_000_000, 0, 0, OptionalInt.empty());
        Decision decision = decision();
        Map<String, Progress> running = Map.of("pretrain", progress(100));
        Set<String> counted = new HashSet<>();
        TimeLeft first = TimeLeft.of(decision, counted, running, capacity, new StepTimes(folder), 10);
        TimeLeft second = TimeLeft.of(decision, counted, running, capacity, new StepTimes(folder), 10);
        assertThat(first).isEqualTo(new TimeLeft(2, 6, 10, 100, first.unknown()));
        assertThat(second).isEqualTo(new TimeLeft(0, 3, 10, 0, second.unknown()));
        assertThat(second.unknown()).containsExactlyInAnyOrder("linear", "detect-0", "detect-1");
    }

    /** Both data sets are prepared, and pre-training runs. */
    private Decision decision() throws IOException {
        Experiment experiment = ExperimentFile.read(Files.writeString(folder.resolve("x.yaml"), """
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: x}
                spec:
                  data: {imagenet: imagenet, voc: voc}
                  detection: {trials: 2}
                  linear: {baseline: false}
                """));
        Map<String, String> listed = Map.of("prepare-imagenet", "a".repeat(64), "prepare-voc", "b".repeat(64));
        Map<String, Manifest> committed = new HashMap<>();
        for (PlannedTask task : plan(experiment, listed, committed).ready()) {
            committed.put(task.key().orElseThrow(), Commits.of(task));
        }
        return plan(experiment, listed, committed);
    }

    private static Decision plan(Experiment experiment, Map<String, String> listed, Map<String, Manifest> committed) {
        Map<String, Attempts> attempts = Map.of("pretrain", Attempts.running());
        return Plan.decide(experiment, new PlanInput(listed, committed, Map.of(), attempts), NOW);
    }

    private static Progress progress(double left) {
        return new Progress("training", 1, 20, 100, 1560, 812.3, 0.031, 6.7, 12.5, 30.0, left, 100L, 900, NOW);
    }
}
