package dev.moco.operator.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.Manifest;
import dev.moco.contract.Printable;
import dev.moco.contract.Progress;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageResult.AveragePrecision;
import dev.moco.contract.StageResult.Classified;
import dev.moco.contract.StageResult.Detected;
import dev.moco.contract.StageResult.Prepared;
import dev.moco.contract.StageResult.Pretrained;
import dev.moco.contract.Task;
import dev.moco.contract.Termination;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Metric;
import dev.moco.operator.plan.Attempts;
import dev.moco.operator.plan.Commits;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Plan;
import dev.moco.operator.plan.PlanInput;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.spec.ExperimentFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatusReportTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Map<String, String> LISTED = Map.of(Task.PREPARE_IMAGENET, "i", Task.PREPARE_VOC, "v");

    @TempDir
    Path folder;

    private final Map<String, Manifest> committed = new HashMap<>();
    private final Map<String, Attempts> attempts = new HashMap<>();
    private double top1 = 67.4;
    private final Map<String, Prepared> prepared = new HashMap<>();
    private double ap50 = 82.3;

    @ParameterizedTest(name = "{0}: \"{1}\"")
    @CsvSource(
            delimiter = ';',
            value = {
                "''; ''",
                "pretrain: {method: MoCo}; ''",
                "pretrain: {method: EndToEnd}; EndToEnd",
                "pretrain: {method: SimCLR}; SimCLR",
                "pretrain: {method: Supervised}; Supervised",
                "encoder: {from: a.pth}; ''"
            })
    void theSummaryNamesAnotherMethodThanMoco(String section, String method) throws IOException {
        Experiment experiment = experiment(section);
        Decision decision = decide(experiment);
        assertThat(StatusReport.of(decision, ReportInput.withoutLogs(experiment, decision), Map.of())
                        .summary()
                        .method())
                .isEqualTo(method);
    }

    @Test
    void aRunningExperimentIsReconciling() throws IOException {
        Experiment experiment = experiment("");
        commit(experiment, "prepare-imagenet", "prepare-voc");
        attempts.put("pretrain", Attempts.NONE.started());
        Progress progress = new Progress(
                "training", 3, 200, 15_000, 1_000_000, 1234.5, 0.1, 7.1, 50.0, 60.0, 190_800.0, 10_000L, 1, NOW);
        MoCoExperimentStatus status = status(experiment, Map.of("pretrain", progress));
        assertThat(conditions(status)).isEqualTo("""
                Ready=False InProgress: pretrain, linear, detect-0, detect-1
                Reconciling=True InProgress: pretrain, linear, detect-0, detect-1
                Stalled=False NoFailure:
                Succeeded=Unknown InProgress:
                Reproduced=Unknown NoResultYet: row (d)""");
        assertThat(stages(status)).isEqualTo("""
                prepare-imagenet Succeeded: committed earlier
                prepare-voc Succeeded: committed earlier
                pretrain Running: runs
                linear Blocked: needs pretrain; its key is known after that
                detect-0 Blocked: needs pretrain; its key is known after that
                detect-1 Blocked: needs pretrain; its key is known after that""");
        assertThat(ResultTable.of("x", status.summary(), "2m00s"))
                .isEqualTo("NAME   STAGE      PROGRESS   ETA      READY   AGE     LOSS    IMG/S   GPU-H\n"
                        + "x      pretrain   1%         53h00m   False   2m00s   7.100   1235    0.6");
    }

    @Test
    void aFailedExperimentIsStalled() throws IOException {
        Experiment experiment = experiment("");
        attempts.put(
                "prepare-voc",
                Attempts.NONE.ended(new Termination(ExitCode.BAD_DATA, "no such JPEG", null), true, NOW));
        commit(experiment, "prepare-imagenet", "pretrain", "linear");
        MoCoExperimentStatus status = status(experiment, Map.of());
        assertThat(conditions(status)).isEqualTo("""
                Ready=False StageFailed: prepare-voc: no such JPEG
                Reconciling=False Ended:
                Stalled=True StageFailed: prepare-voc: no such JPEG
                Succeeded=False StageFailed: prepare-voc: no such JPEG
                Reproduced=Unknown NotEveryResult: row (d)""");
        assertThat(status.summary().stage()).isEqualTo("prepare-voc");
        assertThat(status.summary().progress()).isEqualTo("3/6");
        assertThat(status.summary().reason()).isEqualTo("no such JPEG");
        assertThat(status.summary().ready()).isEqualTo("False");
    }

    @Test
    void aFinishedExperimentIsReady() throws IOException {
        Experiment experiment = experiment("");
        commitAll(experiment);
        MoCoExperimentStatus status = status(experiment, Map.of());
        assertThat(conditions(status)).isEqualTo("""
                Ready=True Succeeded: every stage is committed
                Reconciling=False Ended:
                Stalled=False NoFailure:
                Succeeded=True Succeeded:
                Reproduced=True WithinPublishedSpread: row (d)""");
        assertThat(status.results())
                .extracting(result -> result.metric() + " " + result.difference())
                .containsExactly(
                        "Linear top-1, best epoch (98) -0.1",
                        "Linear top-1, last epoch -0.2",
                        "Linear top-5, last epoch ",
                        "kNN top-1 ",
                        "VOC07 AP50, 2 trials -0.1",
                        "VOC07 AP, 2 trials +0.0",
                        "VOC07 AP75, 2 trials +0.0");
        assertThat(status.metrics())
                .contains(new Metric("linear.top1.best", 67.4, "%", 97, null, null, null, 67.5))
                .extracting(metric -> metric.name() + " " + metric.value())
                .containsExactly(
                        "linear.top1.best 67.4",
                        "linear.top1.last 67.3",
                        "linear.top5.last 87.9",
                        "pretrain.knn.top1 55.5",
                        "detect.voc07.ap50 82.3",
                        "detect.voc07.ap 57.0",
                        "detect.voc07.ap75 63.6");
        assertThat(ResultTable.of("x", status.summary(), "3m")).isEqualTo("""
                NAME   STAGE       PROGRESS   TOP1   AP50       AP         AP75       READY   AGE   LOSS    \
                GPU-H   VS-PAPER
                x      Succeeded   6/6        67.4   82.3±0.0   57.0±0.0   63.6±0.0   True    3m    6.570   \
                1.7     -0.1""");
    }

    @ParameterizedTest(name = "top-1 {0}, AP50 {1}, {2}: {3}")
    @CsvSource(
            delimiter = '|',
            value = {
                "67.1 | 82.0 | ''                          | True WithinPublishedSpread: row (d)",
                "68.0 | 82.8 | ''                          | True WithinPublishedSpread: row (d)",
                "66.9 | 82.4 | ''                          | False OutsidePublishedSpread: Linear top-1, best epoch (98)"
                        + " -0.6, Linear top-1, last epoch -0.7",
                "67.5 | 81.9 | ''                          | False OutsidePublishedSpread: VOC07 AP50, 2 trials -0.5",
                "67.5 | 81.9 | 'pretrain: {epochs: 100}'   | Unknown NoRowOfThePaper: the pre-training is no row of"
                        + " the paper, the nearest is row (d) of Table 1: epochs 100, not 200",
                "67.5 | 82.4 | 'linear: {epochs: 90}'      | Unknown OtherProtocol: row (d) with another evaluation: linear"
                        + " epochs 90, not 100",
                "67.5 | 82.4 | 'detection: {trials: 2, iterations: 900, milestones: [500]}' | Unknown OtherProtocol: row (d)"
                        + " with another evaluation: detection iterations 900, not 24000; detection milestones [500], not"
                        + " [18000, 22000]",
                "60.0 | 70.0 | 'linear: {enabled: false}'  | False OutsidePublishedSpread: VOC07 AP50, 2 trials -12.4"
            })
    void reproducedComparesWithThePublishedSpread(double top1, double ap50, String section, String reproduced)
            throws IOException {
        this.top1 = top1;
        this.ap50 = ap50;
        Experiment experiment = experiment(section);
        commitAll(experiment);
        assertThat(conditions(status(experiment, Map.of()))).endsWith("Reproduced=" + reproduced);
    }

    @Test
    void aRunOnOtherDataSaysSo() throws IOException {
        Experiment experiment = experiment("");
        prepared.put("prepare-voc", new Prepared(5011, 4952, 20, 1, 0, List.of()));
        commitAll(experiment);
        assertThat(conditions(status(experiment, Map.of())))
                .endsWith("Reproduced=Unknown OtherDataSet: row (d) on another data set: prepare-voc has 5,011 training"
                        + " and 4,952 held-out images of 20 classes, the paper's data set 16,551, 4,952 and 20");
        experiment = experiment("linear: {epochs: 90}");
        commitAll(experiment);
        assertThat(conditions(status(experiment, Map.of()))).contains("; linear epochs 90, not 100");
        prepared.put("prepare-imagenet", new Prepared(1_281_160, 50_000, 1000, 1, 7, List.of()));
        commitAll(experiment);
        assertThat(conditions(status(experiment, Map.of())))
                .contains("prepare-imagenet has 1,281,160 training and 50,000 held-out images of 1,000 classes (7 bad"
                        + " ones skipped), the paper's data set 1,281,167, 50,000 and 1,000; prepare-voc has");
    }

    /** A difference of several fields is said of each; the nearest row is the one with the fewest. */
    @Test
    void everyDeviatingFieldIsNamed() throws IOException {
        Experiment experiment = experiment(
                "pretrain: {mlp: false, augPlus: false, schedule: Step, temperature: 0.15, keyMomentum: 0.99}");
        commitAll(experiment);
        assertThat(conditions(status(experiment, Map.of())))
                .endsWith(
                        "Reproduced=Unknown NoRowOfThePaper: the pre-training is no row of the paper, the nearest is row"
                                + " MoCo v1 of Table 1: temperature 0.15, not 0.07; keyMomentum 0.99, not 0.999");
    }

    @Test
    void reproducedIsUnknownUntilEveryResultIsCommitted() throws IOException {
        Experiment experiment = experiment("");
        commit(experiment, "prepare-imagenet", "prepare-voc", "pretrain", "linear", "detect-0");
        assertThat(conditions(status(experiment, Map.of()))).endsWith("Reproduced=Unknown NotEveryResult: row (d)");
    }

    @ParameterizedTest(name = "reasons of {0}")
    @ValueSource(strings = {"x", "ü", "…", "\uD83D\uDE00", "\\", "\u0001"})
    void theStatusStaysSmall(String letter) throws IOException {
        Experiment experiment = experiment("detection: {trials: 20}");
        commit(experiment, "prepare-imagenet", "prepare-voc", "pretrain");
        Termination end = new Termination(ExitCode.BAD_DATA, letter.repeat(5000), null);
        experiment.tasks().forEach(task -> attempts.put(task.name(), Attempts.NONE.ended(end, true, NOW)));
        MoCoExperimentStatus status = status(experiment, Map.of());
        assertThat(status.stages()).hasSize(24);
        String shown = Printable.line(letter);
        assertThat(status.summary().reason()).startsWith(shown).endsWith(shown + "…");
        assertThat(json(status).getBytes(StandardCharsets.UTF_8).length).isLessThan(16 << 10);
    }

    @ParameterizedTest
    @CsvSource({"0, 0s", "8.6, 9s", "59.6, 1m00s", "65, 1m05s", "3600, 1h00m", "190800, 53h00m"})
    void etasUseAtMostTwoUnits(double seconds, String text) {
        assertThat(StatusReport.eta(seconds)).isEqualTo(text);
    }

    private static String json(MoCoExperimentStatus status) throws JsonProcessingException {
        return new JsonMapper().writeValueAsString(status);
    }

    private static String conditions(MoCoExperimentStatus status) {
        return status.conditions().stream()
                .map(is -> (is.type() + "=" + is.status() + " " + is.reason() + ": " + is.message()).strip())
                .collect(Collectors.joining("\n"));
    }

    private static String stages(MoCoExperimentStatus status) {
        return status.stages().stream()
                .map(stage -> stage.name() + " " + stage.state() + ": " + stage.reason())
                .collect(Collectors.joining("\n"));
    }

    private Experiment experiment(String section) throws IOException {
        String detection = section.startsWith("detection") ? "" : "detection: {trials: 2}";
        return ExperimentFile.read(Files.writeString(folder.resolve("x.yaml"), """
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: x}
                spec:
                  data: {imagenet: a, voc: b}
                  %s
                  %s
                """.formatted(detection, section)));
    }

    private Decision decide(Experiment experiment) {
        return Plan.decide(experiment, new PlanInput(LISTED, committed, Map.of(), attempts), NOW);
    }

    private void commitAll(Experiment experiment) {
        experiment.tasks().forEach(task -> commit(experiment, task.name()));
    }

    private void commit(Experiment experiment, String... names) {
        for (String name : names) {
            PlannedTask task = task(experiment, name).orElseThrow();
            committed.put(task.key().orElseThrow(), Commits.of(task, result(task.task()), NOW, 1000));
        }
    }

    private Optional<PlannedTask> task(Experiment experiment, String name) {
        return decide(experiment).tasks().stream()
                .filter(task -> task.task().name().equals(name))
                .findFirst();
    }

    private StageResult result(Task task) {
        AveragePrecision precisions = new AveragePrecision(ap50, 57, 63.6);
        return switch (task.stage()) {
            case PREPARE -> prepared.getOrDefault(task.name(), Commits.prepared(task.name()));
            case WEIGHTS -> new StageResult.Imported("w.pth", "0".repeat(32), "0".repeat(64), "a PyTorch file");
            case PRETRAIN -> new Pretrained(6.57, 60, 80, 55.5, 6.5);
            case LINEAR -> new Classified(top1, 88, 97, top1 - 0.1, 87.9, 1.5);
            case KNN -> new StageResult.KnnAccuracy(55.5);
            case DETECT -> new Detected(precisions, precisions, precisions, List.of());
        };
    }

    private MoCoExperimentStatus status(Experiment experiment, Map<String, Progress> progress) {
        ReportInput input = ReportInput.withoutLogs(experiment, decide(experiment));
        return StatusReport.of(decide(experiment), input, progress);
    }
}
