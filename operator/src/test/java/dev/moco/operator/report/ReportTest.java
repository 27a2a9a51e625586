package dev.moco.operator.report;

import static dev.moco.operator.report.TestRuns.experiment;
import static dev.moco.operator.report.TestRuns.input;
import static dev.moco.operator.report.TestRuns.linear;
import static dev.moco.operator.report.TestRuns.manifest;
import static dev.moco.operator.report.TestRuns.pretrain;
import static dev.moco.operator.report.TestRuns.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Architecture;
import dev.moco.contract.Experiment;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.Optimizer.Schedule;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.PrepareConfig.OnBadImage;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageResult.Classified;
import dev.moco.contract.StageResult.Imported;
import dev.moco.contract.StageResult.Pretrained;
import dev.moco.contract.StepCost;
import dev.moco.contract.WeightsConfig;
import dev.moco.operator.api.MoCoExperimentStatus.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReportTest {
    @ParameterizedTest(name = "{0} epochs {1} temperature {2} batch {3}: {4}")
    @CsvSource({
        "COSINE, 200, 0.2, 256, (d)",
        "COSINE, 800, 0.2, 256, (e)",
        "STEP, 200, 0.2, 256, (c)",
        "COSINE, 200, 0.1, 256, none",
        "COSINE, 200, 0.2, 128, none",
        "COSINE, 100, 0.2, 256, none"
    })
    void aConfigurationIsAPaperRowIfAllFieldsAreEqual(
            Schedule schedule, int epochs, double temperature, int batchSize, String row) {
        Experiment experiment = experiment(pretrain(Head.MLP, schedule, epochs, temperature, batchSize));
        assertThat(PaperTables.rowOf(experiment).map(PaperRow::name).orElse("none"))
                .isEqualTo(row);
    }

    @Test
    void markdownComparesEveryMetricWithThePaper() throws IOException {
        assertThat(MarkdownReport.of(input()))
                .contains("The pre-training equals row (d) of the paper's Table 1")
                .contains("| Linear top-1, best epoch (98) | 67.4 | 12.1 | +55.3 | 67.5 | -0.1 |")
                .contains("| kNN top-1 | 55.5 | 6.5 | +49.0 |  |  |")
                .contains("| VOC07 AP50, 2 trials | 82.5±0.1 |  |  | 82.4 | +0.1 |")
                .contains("| detect-1 | 8 | 82.6 |")
                .contains("| dog\\|&lt;b> | 90.0 | 60.0 | – |")
                .contains("\nNot shown: detect-0 logs/detections/01.png, as it is &lt;large>.\n")
                .contains("- pytorch: 2.7.1");
    }

    @Test
    void anotherMethodThanMocoIsNamed() throws IOException {
        ReportInput simClr = with(PaperConfigs.simClr(256, 200));
        String text = "Pre-training: SimCLR: arch resnet50, epochs 200, batchSize 256, ranks 8, temperature 0.1, "
                + "colorStrength 1.0, warmupEpochs 10, learningRate 0.3, schedule Cosine. The pre-training equals row"
                + " SimCLR 256 of the paper's Table 2 in every field that changes a result.";
        assertThat(MarkdownReport.of(simClr))
                .startsWith("# " + simClr.experiment().name() + "\n\n" + text);
        assertThat(HtmlReport.of(simClr)).contains("<p class=\"lead\">Pre-training: SimCLR: ", "Contrastive loss");
        assertThat(HtmlReport.of(with(PaperConfigs.supervised())))
                .contains(
                        "<p class=\"lead\">Pre-training: Supervised: ",
                        "Cross-entropy",
                        "Classes of the training images")
                .doesNotContain("Contrastive", "Pretext");
        assertThat(MarkdownReport.of(input())).doesNotContain("Pre-training: ");
    }

    private static ReportInput with(PretrainConfig pretrain) throws IOException {
        return new ReportInput(experiment(pretrain), input().runs());
    }

    @Test
    void countsOfTheDataAreShown() throws IOException {
        ReportInput input = input();
        List<ReportInput.Run> runs = new ArrayList<>(input.runs());
        PrepareConfig config =
                new PrepareConfig(PrepareConfig.Dataset.VOC, "f", OnBadImage.FAIL, List.of("dog"), 16, 0);
        runs.add(run(
                "prepare-voc",
                manifest(
                        config,
                        new StageResult.Prepared(
                                5011,
                                4952,
                                20,
                                1,
                                1,
                                List.of("a: torn"),
                                27_638,
                                new StageResult.Named(2, List.of("b: premature end", "c: premature end")),
                                new StageResult.Named(1, List.of("d: object 1")))),
                List.of()));
        ReportInput prepared = new ReportInput(input.experiment(), runs);
        assertThat(MarkdownReport.of(prepared))
                .contains(
                        "It is another data set: prepare-voc has 5,011 training and 4,952 held-out images of 20 classes"
                                + " (1 bad ones skipped), the paper's data set 16,551, 4,952 and 20.")
                .contains(
                        "- data of prepare-voc: 5,011 training images, 4,952 held-out images, 20 classes, 27,638 objects,"
                                + " 1 bad images skipped, 2 with a warning of the decoder, 1 with clipped boxes\n")
                .contains("\nprepare-voc left out 1 bad images, among them a: torn.\n")
                .contains("\nprepare-voc has 2 images with a warning of the decoder, among them b: premature end, c:")
                .contains("\nprepare-voc clipped the boxes of 1 images, among them d: object 1.\n");
        assertThat(HtmlReport.of(prepared)).contains("27,638 objects", "It is another data set: prepare-voc has 5,011");
    }

    @Test
    void metricsOfAnotherProbeAreNotComparedWithThePaper() throws IOException {
        ReportInput input = input();
        Experiment own = input.experiment();
        LinearConfig shorter = linear(50);
        Experiment changed = new Experiment(
                own.name(),
                own.labels(),
                own.data(),
                own.weights(),
                own.pretrain(),
                KnnMonitor.OFF,
                List.of(new Experiment.Linear(shorter, true), own.detection().orElseThrow()),
                null);
        ReportInput other = new ReportInput(changed, input.runs());
        assertThat(MarkdownReport.of(other)).contains("| 67.4 | 12.1 | +55.3 |  |  |");
    }

    @Test
    void costsHaveTheirUnits() throws IOException {
        StepCost onGpu = new StepCost("NVIDIA <H100>", 8, 5L << 30, 6L << 30, 3L << 30, 7200, 600, 0.1906, 0.021);
        assertThat(MarkdownReport.of(withCost(onGpu)))
                .contains(
                        "| Memory of a GPU, allocated at most | 5.0 GiB |  |  |  |  |",
                        "| Memory of a GPU, in use at most | 6.0 GiB |",
                        "| Time of 200 epochs | 53.0 h, projected from 600 steps |",
                        "| Resident memory of a process at most | 3.0 GiB |",
                        "| Images/s | 1343 |",
                        "| Share of waiting for images | 2 % |",
                        "| Measured on | 8 x NVIDIA &lt;H100>, float32, batch 256 |");
        assertThat(HtmlReport.of(withCost(onGpu))).contains("53.0 h, projected from 600 steps", "&lt;H100&gt;");
        StepCost onCpu = new StepCost("CPU", 1, null, null, 3L << 30, 7200, 600, 1.5, 0);
        assertThat(MarkdownReport.of(withCost(onCpu)))
                .contains("| Resident memory of a process at most | 3.0 GiB |", "| Time of a step | 1.500 s |")
                .doesNotContain("Memory of a GPU", "200 epochs |");
    }

    /** The time is measured where all steps of 200 epochs of the paper's data were. */
    @Test
    void aWholeRunIsNotProjected() throws IOException {
        StepCost cost = new StepCost("GPU", 8, null, 6L << 30, 3L << 30, 53 * 3600, 200 * 5004, 0.2, 0);
        ReportInput input = withCost(cost);
        assertThat(TrainingCost.of(input).orElseThrow().whole()).isFalse();
        List<ReportInput.Run> runs = new ArrayList<>(input.runs());
        PrepareConfig config =
                new PrepareConfig(PrepareConfig.Dataset.IMAGENET, "f", OnBadImage.FAIL, List.of(), 16, 0);
        runs.add(run(
                "prepare-imagenet",
                manifest(config, new StageResult.Prepared(1_281_167, 50_000, 1000, 1, 0, List.of())),
                List.of()));
        ReportInput whole = new ReportInput(input.experiment(), runs);
        assertThat(MarkdownReport.of(whole))
                .contains("| Time of 200 epochs | 53.0 h |", "| Memory of a GPU, allocated at most | unknown |");
    }

    private static ReportInput withCost(StepCost cost) throws IOException {
        ReportInput input = input();
        List<ReportInput.Run> runs = new ArrayList<>(input.runs());
        runs.removeIf(run -> run.task().equals("pretrain"));
        PretrainConfig config = input.experiment().pretrain().orElseThrow();
        runs.add(run("pretrain", manifest(config, new Pretrained(6.57, 60, 80, 55.5, 6.5).withCost(cost)), List.of()));
        return new ReportInput(input.experiment(), runs);
    }

    @Test
    void aPublishedCheckpointIsComparedWithItsRow() throws IOException {
        assertThat(MarkdownReport.of(imported("59fd9945".repeat(4))))
                .contains(
                        "The encoder is the published checkpoint of row (d) of the paper's Table 1, by its MD5.",
                        "| 67.4 | 12.1 | +55.3 | 67.5 | -0.1 |",
                        "- file of weights: v2.pth.tar: a PyTorch file, MD5 59fd9945");
        assertThat(MarkdownReport.of(imported("0".repeat(32))))
                .contains(
                        "Nothing is compared with the paper: the encoder is of a file that is no published checkpoint of the"
                                + " paper.",
                        "| 67.4 | 12.1 | +55.3 |  |  |");
    }

    private ReportInput imported(String md5) throws IOException {
        ReportInput input = input();
        Experiment own = input.experiment();
        WeightsConfig config = new WeightsConfig(Architecture.RESNET50, "listing", null);
        List<ReportInput.Run> runs = new ArrayList<>(input.runs());
        runs.removeIf(run -> run.task().equals("pretrain"));
        runs.add(ReportInput.Run.withoutLogs(
                "weights", manifest(config, new Imported("v2.pth.tar", md5, "0".repeat(64), "a PyTorch file"))));
        Experiment changed = new Experiment(
                own.name(),
                own.labels(),
                own.data(),
                Optional.of(new Experiment.Weights("s3://raw/v2.pth.tar", config)),
                Optional.empty(),
                KnnMonitor.OFF,
                own.sections(),
                null);
        return new ReportInput(changed, runs);
    }

    @Test
    void metricsOfAnyResultAreRows() throws IOException {
        ReportInput input = input();
        List<ReportInput.Run> runs = new ArrayList<>(input.runs());
        runs.add(run("another", manifest(linear(100), new OtherResult(41.25)), List.of()));
        assertThat(MarkdownReport.of(new ReportInput(input.experiment(), runs)))
                .contains("| another recall | 41.3 |  |  |  |  |");
    }

    private record OtherResult(double recall) implements StageResult {
        @Override
        public Map<String, Double> metrics() {
            return Map.of("recall", recall);
        }
    }

    @Test
    void htmlIsSelfContainedAndEscapesNames() throws IOException {
        String html = HtmlReport.of(input());
        Path file = Path.of("target", "report-test.html");
        Files.createDirectories(file.getParent());
        Files.writeString(file, html);
        assertThat(html).doesNotContain("http:").doesNotContain("https:").doesNotContain("dog|<b>");
        assertThat(html).contains("dog|&lt;b&gt;", "82.5±0.1", "+55.3 over untrained", "Precision at IoU .5, detect-0");
        assertThat(html).contains("<p>Not shown: detect-0 logs/detections/01.png, as it is &lt;large&gt;.</p>");
        assertThat(html.split("<svg viewBox=\"0 0 400 250\"", -1)).hasSize(1 + 6);
        assertThat(html.split("data:image/png;base64,", -1)).hasSize(1 + 1);
    }

    /** 75.06 and 66.04 are shown as 75.1 and 66.0: a reader subtracts those. */
    @Test
    void aGainIsTheDifferenceOfWhatIsShown() throws IOException {
        List<ReportInput.Run> runs = List.of(
                run("linear", manifest(linear(100), new Classified(75.06, 90, 8, 75, 90, 1)), List.of()),
                run("linear-baseline", manifest(linear(100), new Classified(66.04, 90, 8, 66, 90, 1)), List.of()));
        ResultRow row =
                ResultRow.of(new ReportInput(input().experiment(), runs)).get(0);
        assertThat(row.value() + " " + row.untrained() + " " + row.gain()).isEqualTo("75.1 66.0 +9.1");
        assertThat(row.number()).isEqualTo(new Metric("linear.top1.best", 75.06, "%", 8, null, null, 66.04, 67.5));
    }

    @Test
    void everyNumberIsALineOfTheCsv() throws IOException {
        assertThat(MetricsCsv.of(input()).lines())
                .startsWith(
                        "name,value,unit,epoch,std,trials,untrained,paper", "linear.top1.best,67.4,%,97,,,12.1,67.5")
                .contains(
                        "detect.voc07.ap50,82.5,%,,0.1414,2,,82.4",
                        "detect-1.voc07.ap50,82.6,%,,,,,",
                        "detect-0.class.dog|<b>.ap,60.0,%,,,,,",
                        "pretrain.loss,6.57,,,,,,",
                        "gpu.hours,1388.8889,h,,,,,")
                .doesNotContain("detect-0.class.dog|<b>.ap75,,%,,,,,");
    }

    @Test
    void aFailureIsOnTopWithItsReason() throws IOException {
        ReportInput input = input();
        ReportInput failed = new ReportInput(
                input.experiment(),
                input.runs(),
                List.of(new ReportInput.Failure("detect-2", "image 000005: not a <JPEG>")));
        assertThat(HtmlReport.of(failed))
                .containsSubsequence(
                        "<h1>table1-d</h1>",
                        "<b>detect-2 failed</b>image 000005: not a &lt;JPEG&gt;",
                        "<h2>Results</h2>");
        assertThat(HtmlReport.of(input)).doesNotContain("class=\"problem\"");
    }

    @Test
    void theConfigurationMarksWhatIsNotThePapers() throws IOException {
        String html = HtmlReport.of(with(pretrain(Head.MLP, Schedule.COSINE, 100, 0.1, 256)));
        assertThat(html)
                .contains(
                        "compared with row (d) of the paper&#39;s Table 1: epochs 100, not 200; temperature 0.1, not 0.2.",
                        "<dt>temperature</dt><dd>0.1<small>paper 0.2</small></dd>",
                        "<dt>queueSize</dt><dd>65536</dd>")
                .doesNotContain("<dt>seed</dt><dd>3<small>");
    }

    @Test
    void aComparisonShowsWhatDiffersAndTheBest() throws IOException {
        ReportInput other = with(pretrain(Head.MLP, Schedule.COSINE, 200, 0.4, 256));
        String html = HtmlReport.of(List.of(input(), other));
        assertThat(html)
                .contains(
                        "<h1>Comparison of 2 experiments</h1>",
                        "<th scope=\"row\">pretrain.temperature</th><td>0.2</td><td>0.4</td>",
                        "<th scope=\"row\">Linear top-1, best epoch</th><td class=\"right\">67.4</td><td class=\"right\">67.4</td>",
                        "<b>Pre-training loss</b>")
                .doesNotContain("pretrain.queueSize", "mean ± deviation of the seeds");
    }

    @Test
    void aComparisonOfCheckpointsNamesThem() throws IOException {
        ReportInput first = imported("0".repeat(32));
        Experiment own = first.experiment();
        Experiment other = new Experiment(
                own.name(),
                own.labels(),
                own.data(),
                own.weights().map(weights -> new Experiment.Weights("s3://raw/other.pth", weights.config())),
                own.pretrain(),
                own.knn(),
                own.sections(),
                own.store());
        assertThat(HtmlReport.of(List.of(first, new ReportInput(other, first.runs()))))
                .contains("<th scope=\"row\">encoder.from</th><td>s3://raw/v2.pth.tar</td><td>s3://raw/other.pth</td>")
                .doesNotContain("seeds alone");
    }

    @Test
    void runsThatDifferInTheirSeedsAreOneResult() throws IOException {
        ReportInput first = input();
        ReportInput second = with(first.experiment().pretrain().orElseThrow().withSeed(4));
        assertThat(HtmlReport.of(List.of(first, second)))
                .contains(
                        "They differ in their seeds alone.",
                        "<th scope=\"col\">mean ± deviation of the seeds</th>",
                        "<td>67.4±0.0</td>");
    }
}
