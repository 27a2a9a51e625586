package dev.moco.operator.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Architecture;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.Experiment;
import dev.moco.contract.ExperimentSection;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.Manifest;
import dev.moco.contract.PrepareConfig.OnBadImage;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.Provenance;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageResult.Accuracy;
import dev.moco.contract.StageResult.AveragePrecision;
import dev.moco.contract.StageResult.Classified;
import dev.moco.contract.StageResult.Detected;
import dev.moco.contract.StageResult.Pretrained;
import dev.moco.contract.Task;
import dev.moco.contract.WeightsConfig;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The condition for methods other than MoCo; {@link StatusReportTest} has MoCo's. */
class ReproducedTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final LinearConfig SIMCLR = PaperConfigs.simClrLinear();
    private static final LinearConfig MOCO = PaperConfigs.linear();

    @ParameterizedTest(name = "SimCLR at {0} for {1} epochs: {2} is {3}")
    @CsvSource({
        "256, 200, 61.0, True WithinPublishedSpread",
        "256, 200, 63.3, False OutsidePublishedSpread",
        "8192, 200, 66.6, True WithinPublishedSpread",
        "4096, 1000, 68.7, False OutsidePublishedSpread"
    })
    void simClrIsComparedWithItsRow(int batch, int epochs, double top1, String reproduced) {
        PretrainConfig pretrain = PaperConfigs.simClr(batch, epochs).withSeed(9);
        assertThat(text(input(Optional.empty(), pretrain, null, probe(SIMCLR), Map.of(Task.LINEAR, classified(top1)))))
                .startsWith(reproduced);
    }

    @Test
    void simClrWithTheProbeOfMocoIsAnotherProtocol() {
        ReportInput input = input(
                Optional.empty(),
                PaperConfigs.simClr(256, 200),
                null,
                probe(MOCO),
                Map.of(Task.LINEAR, classified(61.9)));
        assertThat(text(input))
                .startsWith("Unknown OtherProtocol: row SimCLR 256 with another evaluation: linear epochs 100, not 90;"
                        + " linear batchSize 256, not 4096; linear learningRate 30, not 1.6;")
                .contains("linear algorithm SGD, not NESTEROV", "linear zeroInitial false, not true");
        assertThat(MarkdownReport.of(input)).contains("| 61.9 |  |  |  |  |", "Its evaluation is another one: linear");
    }

    @ParameterizedTest(name = "supervised: {0} is {1}")
    @CsvSource({"75.4, True WithinPublishedSpread", "75.0, False OutsidePublishedSpread: Validation top-1 -1.5"})
    void supervisedTrainingIsComparedByItsOwnClasses(double top1, String reproduced) {
        ReportInput input = input(
                Optional.empty(),
                PaperConfigs.supervised(),
                new Accuracy(top1, 92),
                List.of(new Experiment.Detection(PaperConfigs.detection(), 1)),
                Map.of("detect-0", detected(40)));
        assertThat(text(input)).startsWith(reproduced);
        assertThat(MarkdownReport.of(input))
                .contains("The row's precisions are of MSRA's ResNet-50, so they are not compared.")
                .contains("| VOC07 AP, 1 trial | 40.0 |  |  |  |  |");
        TableEntry entry = TableEntry.of(input, OptionalDouble.empty());
        assertThat(entry.numbers()).containsEntry(TableMetric.AP, new Spread(40, 0, 1));
        assertThat(PublishedTable.TABLE_1
                        .with(List.of(entry))
                        .rows()
                        .get(0)
                        .cells()
                        .get(2)
                        .significance())
                .isEqualTo(Significance.NONE);
    }

    @Test
    void endToEndTrainingHasNoPublishedAccuracy() {
        assertThat(text(input(
                        Optional.empty(),
                        PaperConfigs.endToEnd(256),
                        null,
                        probe(MOCO),
                        Map.of(Task.LINEAR, classified(67)))))
                .isEqualTo("Unknown NoPublishedResult: row end-to-end 256");
    }

    @Test
    void otherFieldsOfAMethodAreNamed() {
        PretrainConfig simClr = PaperConfigs.simClr(256, 200);
        assertThat(Differences.between(new Limits(null, 1), new Limits(new Limits(null, 2), 1)))
                .containsExactly("within null, not Limits");
        assertThat(Differences.between(new Limits(new Limits(null, 2), 1), new Limits(null, 1)))
                .containsExactly("within Limits, not null");
        assertThat(Differences.between(PaperConfigs.endToEnd(256), simClr))
                .contains("method EndToEnd, not SimClr", "algorithm SGD, not LARS", "head MLP, not BATCH_NORM_MLP");
        assertThat(PaperTables.nearest(PaperConfigs.simClr(512, 200)).row().name())
                .isEqualTo("SimCLR 256");
    }

    @Test
    void aPretrainingThatStartsWithAFileIsNoRow() {
        WeightsConfig file = new WeightsConfig(Architecture.RESNET50, "listing", null);
        assertThat(text(input(
                        Optional.of(new Experiment.Weights("s3://raw/w.pth", file)),
                        PaperConfigs.simClr(256, 200),
                        null,
                        probe(SIMCLR),
                        Map.of(Task.LINEAR, classified(61.9)))))
                .isEqualTo("Unknown NoRowOfThePaper: the pre-training starts with the weights of a file");
    }

    @Test
    void theDetectorsFieldsAreNamed() {
        DetectConfig paper = PaperConfigs.detection();
        DetectConfig own = new DetectConfig(
                paper.architecture(),
                new DetectConfig.Input(List.of(480), 800, 1333),
                paper.anchors(),
                paper.proposals(),
                paper.regions(),
                paper.solver(),
                paper.preciseBnIterations(),
                paper.precision(),
                5);
        assertThat(PaperTables.differences(own)).hasSize(1).first().asString().contains(" [480], not [480, 512,");
        assertThat(PaperTables.isPapers(paper.withSeed(8))).isTrue();
    }

    private static String text(ReportInput input) {
        Condition condition = Reproduced.of(input, true);
        return condition.status() + " " + condition.reason() + ": " + condition.message();
    }

    private static List<ExperimentSection> probe(LinearConfig config) {
        return List.of(new Experiment.Linear(config, false));
    }

    private static Classified classified(double top1) {
        return new Classified(top1, 88, 3, top1, 88, 1);
    }

    private static Detected detected(double precision) {
        AveragePrecision same = new AveragePrecision(precision, precision, precision);
        return new Detected(same, same, same, List.of());
    }

    private static ReportInput input(
            Optional<Experiment.Weights> weights,
            PretrainConfig pretrain,
            @Nullable Accuracy validation,
            List<ExperimentSection> sections,
            Map<String, StageResult> results) {
        Experiment experiment = new Experiment(
                "x",
                Map.of(),
                new Experiment.Data(
                        "s3://raw/imagenet", "s3://raw/voc", List.of(), List.of(), OnBadImage.FAIL, 1024, false),
                weights,
                Optional.of(pretrain),
                KnnMonitor.OFF,
                sections,
                null);
        List<ReportInput.Run> runs = new ArrayList<>();
        for (Task task : experiment.tasks()) {
            StageResult result = task.name().equals("pretrain")
                    ? new Pretrained(6, 60, 80, null, null, validation, null)
                    : results.get(task.name());
            if (result != null) {
                runs.add(ReportInput.Run.withoutLogs(task.name(), manifest(task, result)));
            }
        }
        return new ReportInput(experiment, runs);
    }

    private static Manifest manifest(Task task, StageResult result) {
        return new Manifest(
                Manifest.VERSION,
                task.stage(),
                "0".repeat(64),
                task.config(),
                Map.of(),
                List.of(),
                List.of(),
                result,
                new Provenance(NOW, NOW, Map.of(), Map.of(), 1, 0));
    }

    /** A record whose other one may be absent. */
    public record Limits(@Nullable Limits within, int number) {}
}
