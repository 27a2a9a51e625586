package dev.moco.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.ExperimentSection;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.Manifest;
import dev.moco.contract.StageResult.Prepared;
import dev.moco.contract.StageTask;
import dev.moco.contract.Task;
import dev.moco.contract.Termination;
import dev.moco.operator.spec.ExperimentFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlanTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path folder;

    private Experiment experiment;
    private final Map<String, String> fingerprints = new HashMap<>();
    private final Map<String, Manifest> committed = new HashMap<>();
    private final Map<String, String> damaged = new HashMap<>();
    private final Map<String, Attempts> attempts = new HashMap<>();

    @BeforeEach
    void readExperiment() throws IOException {
        experiment = read("linear: {baseline: true}", "detection: {trials: 2}");
    }

    @Test
    void nothingStartsBeforeTheRawDataIsListed() {
        assertPlan("""
                prepare-imagenet BLOCKED: its source is not listed yet
                prepare-voc BLOCKED: its source is not listed yet
                pretrain BLOCKED: needs prepare-imagenet; its key is known after that
                linear BLOCKED: needs pretrain and prepare-imagenet; its key is known after that
                linear-baseline BLOCKED: needs prepare-imagenet; its key is known after that
                detect-0 BLOCKED: needs pretrain and prepare-voc; its key is known after that
                detect-1 BLOCKED: needs pretrain and prepare-voc; its key is known after that
                """);
    }

    @Test
    void listedDataIsPrepared() {
        list();
        assertPlan("""
                prepare-imagenet READY: no result under its key
                prepare-voc READY: no result under its key
                pretrain BLOCKED: needs prepare-imagenet; its key is known after that
                linear BLOCKED: needs pretrain and prepare-imagenet; its key is known after that
                linear-baseline BLOCKED: needs prepare-imagenet; its key is known after that
                detect-0 BLOCKED: needs pretrain and prepare-voc; its key is known after that
                detect-1 BLOCKED: needs pretrain and prepare-voc; its key is known after that
                """);
    }

    @Test
    void aStageStartsOnceItsInputsAreCommitted() {
        list();
        commit("prepare-imagenet");
        attempts.put("prepare-voc", Attempts.NONE.started());
        assertPlan("""
                prepare-imagenet SUCCEEDED: committed earlier
                prepare-voc RUNNING: runs
                pretrain READY: no result under its key
                linear BLOCKED: needs pretrain; its key is known after that
                linear-baseline READY: no result under its key
                detect-0 BLOCKED: needs pretrain and prepare-voc; its key is known after that
                detect-1 BLOCKED: needs pretrain and prepare-voc; its key is known after that
                """);
    }

    @Test
    void aCommittedTaskNeverRunsAgain() {
        commitAll();
        Decision decision = decide(NOW);
        assertThat(decision.ready()).isEmpty();
        assertThat(decision.finished()).isTrue();
        assertThat(decision.succeeded()).isTrue();
        assertThat(decision.exitCode()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void aTaskWithADamagedArtifactRunsAgain() {
        commitAll();
        String key = key("linear");
        committed.remove(key);
        damaged.put(key, "classifier.safetensors has another SHA-256");
        PlannedTask linear = task("linear", NOW);
        assertThat(linear.state()).isEqualTo(TaskState.READY);
        assertThat(linear.reason()).isEqualTo("committed, but classifier.safetensors has another SHA-256: runs again");
        assertThat(task("detect-1", NOW).state()).isEqualTo(TaskState.SUCCEEDED);
    }

    @ParameterizedTest(name = "{0}: {1} run")
    @CsvSource(
            delimiter = '|',
            value = {
                "pretrain: {temperature: 0.1}         | pretrain linear detect-0 detect-1",
                "pretrain: {seed: 1}                  | pretrain linear linear-baseline detect-0 detect-1",
                "pretrain: {imageSize: 192}           | pretrain linear linear-baseline detect-0 detect-1",
                "data: {imagenet: a, voc: b, onBadImage: Skip}"
                        + "| prepare-imagenet prepare-voc pretrain linear linear-baseline detect-0 detect-1",
                "data: {imagenet: a, voc: b, vocClasses: [cat]} | prepare-voc detect-0 detect-1",
                "data: {imagenet: s3://moved/a, voc: b} | ''",
                "detection: {trials: 3}               | detect-2",
                "detection: {trials: 2, iterations: 48000} | detect-0 detect-1",
                "linear: {baseline: true, epochs: 90} | linear linear-baseline",
                "linear: {baseline: false}            | ''",
                "storage: {bucket: other}             | ''",
                "failurePolicy: {retries: 9}          | ''"
            })
    void aChangeRunsOnlyTheTasksThatItAffects(String change, String run) throws IOException {
        commitAll();
        Map<String, PlannedTask> before = new LinkedHashMap<>();
        decide(NOW).tasks().forEach(task -> before.put(task.task().name(), task));
        experiment = read("linear: {baseline: true}", "detection: {trials: 2}", change);
        List<String> ran = new ArrayList<>();
        for (List<PlannedTask> ready = decide(NOW).ready();
                !ready.isEmpty();
                ready = decide(NOW).ready()) {
            for (PlannedTask task : ready) {
                ran.add(task.task().name());
                commit(task.task().name());
            }
        }
        assertThat(ran).containsExactlyInAnyOrder(run.isEmpty() ? new String[0] : run.split(" "));
        for (PlannedTask task : decide(NOW).tasks()) {
            PlannedTask old = before.get(task.task().name());
            if (old != null) {
                assertThat(task.key().equals(old.key()))
                        .as(task.task().name())
                        .isEqualTo(!ran.contains(task.task().name()));
            }
        }
    }

    @Test
    void theBaselineProbeHasNoEncoderAsInput() {
        commitAll();
        PlannedTask baseline = task("linear-baseline", NOW);
        assertThat(baseline.inputs()).containsOnlyKeys("imagenet");
        assertThat(task("linear", NOW).inputs()).containsOnlyKeys("imagenet", "encoder");
        assertThat(((LinearConfig) baseline.config().orElseThrow()).untrained()).isTrue();
    }

    @Test
    void trialsDifferInTheirSeeds() throws IOException {
        experiment = read("detection: {trials: 3, seed: 40}");
        commitAll();
        assertThat(decide(NOW).tasks().stream()
                        .filter(task -> task.task().name().startsWith("detect-"))
                        .map(task -> task.config().orElseThrow().seed()))
                .containsExactly(40L, 41L, 42L);
    }

    @Test
    void aSpecSectionAddsItsTasks() {
        LinearConfig again = experiment.linear().orElseThrow().config().withUntrainedEncoder(7);
        ExperimentSection another =
                whole -> List.of(Task.of("another", again, Map.of(StageTask.IMAGENET, Task.PREPARE_IMAGENET)));
        experiment = new Experiment(
                experiment.name(),
                experiment.labels(),
                experiment.data(),
                experiment.weights(),
                experiment.pretrain(),
                experiment.knn(),
                List.of(another),
                experiment.store());
        list();
        commit("prepare-imagenet", new Prepared(1000, 0, 10, 1, 0, List.of()));
        assertPlan("""
                prepare-imagenet SUCCEEDED: committed earlier
                pretrain READY: no result under its key
                another READY: no result under its key
                """);
        assertThat(steps()).contains("another ");
    }

    @Test
    void anEncoderReplacesPreTraining() throws IOException {
        experiment = read("linear: {baseline: true}", "detection: {trials: 1}", "encoder: {from: w.pth}");
        list();
        assertThat(task("weights", NOW).reason()).isEqualTo("its source is not listed yet");
        fingerprints.put("weights", "listing");
        assertPlan("""
                prepare-imagenet READY: no result under its key
                prepare-voc READY: no result under its key
                weights READY: no result under its key
                linear BLOCKED: needs weights and prepare-imagenet; its key is known after that
                linear-baseline BLOCKED: needs prepare-imagenet; its key is known after that
                detect-0 BLOCKED: needs weights and prepare-voc; its key is known after that
                """);
        String key = key("weights");
        fingerprints.put("weights", "another listing");
        assertThat(key("weights")).isNotEqualTo(key);
        commitAll();
        assertThat(task("detect-0", NOW).inputs()).containsOnlyKeys(StageTask.VOC, StageTask.ENCODER);
        assertThat(decide(NOW).succeeded()).isTrue();
    }

    @Test
    void withoutLinearAnEncoderNeedsNoImages() throws IOException {
        experiment = read("linear: {enabled: false}", "detection: {trials: 1}", "encoder: {from: w.pth}");
        assertThat(experiment.tasks()).extracting(Task::name).containsExactly("prepare-voc", "weights", "detect-0");
    }

    @Test
    void preTrainingMayStartWithWeights() throws IOException {
        experiment = read("pretrain: {from: {file: w.pth, queue: true}}", "detection: {enabled: false}");
        list();
        fingerprints.put("weights", "listing");
        commit("prepare-imagenet");
        assertPlan("""
                prepare-imagenet SUCCEEDED: committed earlier
                weights READY: no result under its key
                pretrain BLOCKED: needs weights; its key is known after that
                linear BLOCKED: needs pretrain; its key is known after that
                """);
        commit("weights");
        String key = key("pretrain");
        experiment = read("pretrain: {from: {file: w.pth, keyEncoder: true}}", "detection: {enabled: false}");
        assertThat(task("weights", NOW).state()).isEqualTo(TaskState.READY);
        commit("weights");
        assertThat(key("pretrain")).isNotEqualTo(key);
        experiment = read("detection: {enabled: false}");
        assertThat(key("pretrain")).isNotEqualTo(key);
        assertThat(task("pretrain", NOW).inputs()).containsOnlyKeys(StageTask.IMAGENET);
    }

    @Test
    void disabledStagesHaveNoTasks() throws IOException {
        experiment = read("linear: {enabled: false}", "detection: {enabled: false}");
        assertThat(experiment.tasks()).extracting(Task::name).containsExactly("prepare-imagenet", "pretrain");
    }

    @ParameterizedTest(name = "exit code {0} is not retried")
    @ValueSource(ints = {ExitCode.BAD_DATA, ExitCode.BAD_CONFIG})
    void aFailureWithoutRetryFailsTheTaskAndItsDependents(int exitCode) {
        list();
        commit("prepare-imagenet");
        commit("prepare-voc");
        attempts.put("pretrain", ended(exitCode, 1));
        assertPlan("""
                prepare-imagenet SUCCEEDED: committed earlier
                prepare-voc SUCCEEDED: committed earlier
                pretrain FAILED: it broke
                linear FAILED: needs pretrain, which failed
                linear-baseline READY: no result under its key
                detect-0 FAILED: needs pretrain, which failed
                detect-1 FAILED: needs pretrain, which failed
                """);
        assertThat(decide(NOW).exitCode()).isEqualTo(exitCode);
        assertThat(decide(NOW).finished()).isFalse();
        commit("linear-baseline");
        assertThat(decide(NOW).finished()).isTrue();
        assertThat(decide(NOW).succeeded()).isFalse();
    }

    @ParameterizedTest(name = "{0} faults, {1} s later: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "1 |  0 | WAITING | retry 1 of 3 after: it broke",
                "1 |  4 | WAITING | retry 1 of 3 after: it broke",
                "1 |  5 | READY   | retry 1 of 3 after: it broke",
                "2 |  9 | WAITING | retry 2 of 3 after: it broke",
                "2 | 10 | READY   | retry 2 of 3 after: it broke",
                "3 | 19 | WAITING | retry 3 of 3 after: it broke",
                "3 | 20 | READY   | retry 3 of 3 after: it broke",
                "4 |  0 | FAILED  | it broke",
                "4 | 99 | FAILED  | it broke"
            })
    void aFaultIsRetriedWithExponentialBackoff(int faults, int seconds, TaskState state, String reason) {
        list();
        attempts.put("prepare-voc", ended(ExitCode.FAULT, faults));
        PlannedTask task = task("prepare-voc", NOW.plusSeconds(seconds));
        assertThat(task.state()).isEqualTo(state);
        assertThat(task.reason()).isEqualTo(reason);
    }

    @Test
    void anInterruptionCausesNoRetryCountAndNoDelay() {
        list();
        attempts.put("prepare-voc", ended(ExitCode.FAULT, 3).started().ended(died(ExitCode.INTERRUPTED), false, NOW));
        PlannedTask task = task("prepare-voc", NOW);
        assertThat(task.state()).isEqualTo(TaskState.READY);
        assertThat(task.reason()).isEqualTo("continues after: it broke");
    }

    @ParameterizedTest(name = "{0} times: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | ''         | READY  | retry 1 of 3 after: it ended without a commit",
                "4 | ''         | FAILED | it ended without a commit",
                "4 | a is short | FAILED | it committed, but a is short"
            })
    void exitCodeZeroWithoutACommitIsAFault(int times, String damage, TaskState state, String reason) {
        list();
        attempts.put(
                "prepare-voc",
                new Attempts(Optional.empty(), "", times, 0, new Termination(ExitCode.DONE, null, null), NOW));
        if (!damage.isEmpty()) {
            damaged.put(key("prepare-voc"), damage);
        }
        PlannedTask task = task("prepare-voc", NOW.plusSeconds(60));
        assertThat(task.state()).isEqualTo(state);
        assertThat(task.reason()).isEqualTo(reason);
        assertThat(decide(NOW.plusSeconds(60)).exitCode())
                .isEqualTo(state == TaskState.FAILED ? ExitCode.FAULT : ExitCode.DONE);
    }

    @ParameterizedTest(name = "exit code {0}: {1}")
    @CsvSource({"0, 1", "1, 1", "65, 65", "75, 1"})
    void aTaskThatItsDriverFailsHasFailedWithAnyExitCode(int exitCode, int ofPlan) {
        list();
        attempts.put("prepare-voc", Attempts.failed(died(exitCode), NOW));
        PlannedTask task = task("prepare-voc", NOW);
        assertThat(task.state()).isEqualTo(TaskState.FAILED);
        assertThat(task.reason()).isEqualTo("it broke");
        assertThat(decide(NOW).exitCode()).isEqualTo(ofPlan);
    }

    @Test
    void theExitCodeIsThatOfTheFirstFailure() {
        list();
        attempts.put("prepare-imagenet", ended(ExitCode.FAULT, 4));
        attempts.put("prepare-voc", ended(ExitCode.BAD_DATA, 1));
        assertThat(decide(NOW).exitCode()).isEqualTo(ExitCode.FAULT);
        assertThat(Plan.names(decide(NOW), TaskState.FAILED))
                .isEqualTo("prepare-imagenet, prepare-voc, pretrain, linear, linear-baseline, detect-0, detect-1");
        assertThat(task("detect-0", NOW).reason()).isEqualTo("needs pretrain and prepare-voc, which failed");
    }

    /** Every mixture of listed, committed, running and failed over the first four tasks. */
    @Test
    void theSameObservationGivesTheSameDecision() {
        String[] names = {"prepare-imagenet", "prepare-voc", "pretrain", "linear"};
        for (int mixture = 0; mixture < 4 * 4 * 4 * 4; mixture++) {
            committed.clear();
            attempts.clear();
            list();
            for (int i = 0; i < names.length; i++) {
                switch ((mixture >> (2 * i)) & 3) {
                    case 1 -> {
                        if (task(names[i], NOW).key().isPresent()) {
                            commit(names[i]);
                        }
                    }
                    case 2 -> attempts.put(names[i], Attempts.NONE.started());
                    case 3 -> attempts.put(names[i], ended(ExitCode.FAULT, 1 + mixture % 5));
                    default -> {}
                }
            }
            Decision decision = decide(NOW);
            assertThat(decide(NOW)).isEqualTo(decision);
            assertThat(decision.ready()).allSatisfy(task -> {
                assertThat(task.key()).isPresent();
                assertThat(task.config()).isPresent();
                assertThat(task.manifest()).isEmpty();
                assertThat(task.inputs()).containsOnlyKeys(task.task().inputs().keySet());
            });
        }
    }

    private Experiment read(String... sections) throws IOException {
        Map<String, String> byName = new LinkedHashMap<>();
        byName.put("data", "data: {imagenet: a, voc: b}");
        for (String section : sections) {
            byName.put(section.substring(0, section.indexOf(':')), section);
        }
        return ExperimentFile.read(
                Files.writeString(folder.resolve("x.yaml"), """
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: x}
                spec:
                  %s
                """.formatted(String.join("\n  ", byName.values()))));
    }

    /** The quickstart's defaults: 1,281,167 images give 5004 steps of 256 an epoch, and 5005 batches with the rest. */
    @Test
    void stepsAreKnownOnceTheImagesAreCounted() {
        list();
        assertThat(steps()).isEqualTo("detect-0 24000, detect-1 24000");
        commit("prepare-imagenet", new Prepared(1_281_167, 50_000, 1000, 1, 0, List.of()));
        int epochs = experiment.pretrain().orElseThrow().epochs();
        int ofProbe = experiment.linear().orElseThrow().config().epochs();
        assertThat(steps())
                .isEqualTo("pretrain " + epochs * 5004L + ", linear " + ofProbe * 5200L + ", linear-baseline "
                        + ofProbe * 5200L + ", detect-0 24000, detect-1 24000");
    }

    private String steps() {
        Decision decision = decide(NOW);
        return decision.tasks().stream()
                .filter(task -> Forecast.steps(task, decision).isPresent())
                .map(task -> task.task().name() + " "
                        + Forecast.steps(task, decision).orElseThrow())
                .collect(Collectors.joining(", "));
    }

    private void list() {
        fingerprints.put("prepare-imagenet", "i");
        fingerprints.put("prepare-voc", "v");
    }

    private static Termination died(int exitCode) {
        return new Termination(exitCode, "it broke", null);
    }

    private static Attempts ended(int exitCode, int faults) {
        return new Attempts(Optional.empty(), "", faults, 0, died(exitCode), NOW);
    }

    private Decision decide(Instant now) {
        return Plan.decide(experiment, new PlanInput(fingerprints, committed, damaged, attempts), now);
    }

    private PlannedTask task(String name, Instant now) {
        return decide(now).tasks().stream()
                .filter(task -> task.task().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private String key(String name) {
        return task(name, NOW).key().orElseThrow();
    }

    private void commitAll() {
        list();
        decide(NOW).tasks().forEach(task -> commit(task.task().name()));
    }

    private void commit(String name) {
        commit(name, new Prepared(1, 1, 1, 1, 0, List.of()));
    }

    private void commit(String name, Prepared result) {
        PlannedTask task = task(name, NOW);
        committed.put(task.key().orElseThrow(), Commits.of(task, result, NOW, 0));
    }

    private void assertPlan(String expected) {
        StringBuilder plan = new StringBuilder();
        for (PlannedTask task : decide(NOW).tasks()) {
            plan.append(task.task().name() + " " + task.state() + ": " + task.reason() + "\n");
            Optional<String> key = task.key();
            assertThat(key.isPresent()).isEqualTo(!task.reason().startsWith("needs") && !fingerprints.isEmpty());
        }
        assertThat(plan.toString()).isEqualTo(expected);
    }
}
