package dev.moco.operator.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.contract.Experiment;
import dev.moco.contract.Manifest;
import dev.moco.contract.StageResult.Prepared;
import dev.moco.operator.plan.Commits;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.MemoryEstimate;
import dev.moco.operator.plan.Plan;
import dev.moco.operator.plan.PlanInput;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.Policy.Resource;
import dev.moco.operator.spec.ExperimentReader;
import dev.moco.operator.spec.Reading;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StageDiskTest {
    private static final long IMAGENET_BYTES = 146L << 30;
    private static final Prepared IMAGENET = new Prepared(1_281_167, 50_000, 1000, IMAGENET_BYTES, 0, List.of());
    private static final Prepared VOC = new Prepared(16_551, 4_952, 20, 2L << 30, 0, List.of());
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final Reading reading = read("{}");
    private final Decision decision = decide(reading.experiment());

    private static Reading read(String pretrain) {
        try {
            return ExperimentReader.read(new YAMLMapper().readTree("""
                            apiVersion: moco.dev/v1alpha1
                            kind: MoCoExperiment
                            metadata: {name: x}
                            spec:
                              data: {imagenet: s3://raw/imagenet, voc: s3://raw/voc}
                              detection: {trials: 1}
                              pretrain: %s
                            """.formatted(pretrain)), Optional.of(Path.of("/")));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** A plan in which both data sets are prepared. */
    private static Decision decide(Experiment experiment) {
        Map<String, String> listed = Map.of("prepare-imagenet", "i", "prepare-voc", "v");
        Map<String, Manifest> committed = new HashMap<>();
        for (PlannedTask task : decide(experiment, listed, committed).tasks()) {
            task.key()
                    .ifPresent(key -> committed.put(
                            key, Commits.of(task, task.task().name().equals("prepare-voc") ? VOC : IMAGENET, NOW, 0)));
        }
        return decide(experiment, listed, committed);
    }

    private static Decision decide(Experiment experiment, Map<String, String> listed, Map<String, Manifest> committed) {
        return Plan.decide(experiment, new PlanInput(listed, committed, Map.of(), Map.of()), NOW);
    }

    private static PlannedTask task(Decision decision, String name) {
        return decision.tasks().stream()
                .filter(task -> task.task().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest(name = "{0} with {1}: {2}, of which shards {3} MiB")
    @CsvSource({
        // 146 GiB of shards, their indices, 4 GiB for checkpoints and one for logs.
        "pretrain, , 153Gi, 150804",
        "detect-0, , 8Gi, 2069",
        "prepare-voc, , 5Gi, 0",
        "pretrain, 200Gi, 200Gi, 150804",
        "pretrain, 20Gi, 20Gi, 15360",
        "pretrain, 1Gi, 1Gi, 0",
    })
    void aPodAsksForWhatItWillHoldUnlessItsSpecGivesItLess(String name, String given, String size, long cacheMib) {
        Resource resource = new Resource(1, 8, Optional.empty(), Optional.empty(), Optional.ofNullable(given));
        StageDisk disk = StageDisk.of(task(decision, name), decision, resource);
        assertThat(disk.size().toString()).isEqualTo(size);
        assertThat(disk.cacheMib()).isEqualTo(cacheMib);
    }

    @Test
    void thePodsMemoryIsThatOfItsHostAndCountsTheWholeBankOnTheGpu() {
        Reading whole = read("{knn: {bankImages: 0}}");
        PlannedTask task = task(decision, "pretrain");
        long of50000 = MemoryEstimate.of(task, decision, reading.experiment(), reading.policy())
                .deviceMib();
        assertThat(MemoryEstimate.of(task, decision, whole.experiment(), whole.policy())
                                .deviceMib()
                        - of50000)
                .isBetween(9_500L, 10_500L);
        assertThat(MemoryEstimate.of(task(decision, "detect-0"), decision, reading.experiment(), reading.policy())
                        .hostMib())
                .isLessThan(8_000);
    }
}
