package dev.moco.operator.report;

import dev.moco.contract.Architecture;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.Experiment;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Optimizer.Schedule;
import dev.moco.contract.Precision;
import dev.moco.contract.PrecisionRecallCurve;
import dev.moco.contract.PrepareConfig.OnBadImage;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.Provenance;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageResult.AveragePrecision;
import dev.moco.contract.StageResult.ClassAveragePrecision;
import dev.moco.contract.StageResult.Classified;
import dev.moco.contract.StageResult.Detected;
import dev.moco.contract.StageResult.Pretrained;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** Committed tasks of row (d), with logs. */
final class TestRuns {
    private TestRuns() {}

    /** A committed pre-training with a history. */
    static ReportInput.Run pretraining(List<HistoryPoint> history) {
        PretrainConfig config = pretrain(Head.MLP, Schedule.COSINE, 200, 0.2, 256);
        return run("pretrain", manifest(config, new Pretrained(6.57, 60, 80, 55.5, 6.5)), history);
    }

    static ReportInput input() throws IOException {
        Experiment experiment = experiment(pretrain(Head.MLP, Schedule.COSINE, 200, 0.2, 256));
        List<HistoryPoint> pretraining = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            pretraining.add(
                    new HistoryPoint(i, i * 100L, Map.of("loss", 10 - 0.05 * i, "top1", 2.0 * i, "top5", 2.2 * i)));
        }
        pretraining.add(new HistoryPoint(0, 0, Map.of("knnTop1", 6.5)));
        pretraining.add(new HistoryPoint(199, 4000, Map.of("knnTop1", 55.5)));
        List<HistoryPoint> probing = IntStream.range(0, 30)
                .mapToObj(i ->
                        new HistoryPoint(i, i, Map.of("validationTop1", 60 + 0.2 * i, "validationTop5", 80 + 0.2 * i)))
                .toList();
        List<HistoryPoint> detecting = IntStream.range(0, 30)
                .mapToObj(i -> new HistoryPoint(
                        0,
                        i,
                        Map.of(
                                "lossRpnClass",
                                1.0 / (1 + i),
                                "lossRpnBox",
                                .5 / (1 + i),
                                "lossClass",
                                2.0 / (1 + i),
                                "lossBox",
                                .7)))
                .toList();
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "png", png);
        List<ReportInput.Run> trials = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            AveragePrecision voc = new AveragePrecision(82.4 + 0.2 * i, 57, 63.6);
            StageResult result = new Detected(
                    voc,
                    voc,
                    voc,
                    List.of(
                            new ClassAveragePrecision("dog|<b>", 90.0, 60.0, null),
                            new ClassAveragePrecision("cat", 75.0, 54.0, 61.0)));
            trials.add(new ReportInput.Run(
                    "detect-" + i,
                    manifest(detect(7 + i), result),
                    detecting,
                    List.of(
                            new PrecisionRecallCurve("dog|<b>", List.of(0.1, 0.5, 0.9), List.of(1.0, 0.9, 0.4)),
                            new PrecisionRecallCurve("cat", List.of(0.1, 0.5, 0.7), List.of(1.0, 0.8, 0.3))),
                    ReportInput.Samples.NONE.withDrawing(new ReportInput.Drawing("000001", png.toByteArray())),
                    i == 0 ? List.of("logs/detections/01.png, as it is <large>") : List.of()));
        }
        List<ReportInput.Run> runs = new ArrayList<>();
        runs.add(run(
                "pretrain",
                manifest(experiment.pretrain().orElseThrow(), new Pretrained(6.57, 60, 80, 55.5, 6.5)),
                pretraining));
        runs.add(run("linear", manifest(linear(100), new Classified(67.4, 88, 97, 67.3, 87.9, 1.5)), probing));
        runs.add(run("linear-baseline", manifest(linear(100), new Classified(12.1, 30, 99, 12.0, 29, 5)), probing));
        runs.addAll(trials);
        return new ReportInput(experiment, runs);
    }

    static ReportInput.Run run(String task, Manifest manifest, List<HistoryPoint> history) {
        return new ReportInput.Run(task, manifest, history, List.of(), ReportInput.Samples.NONE, List.of());
    }

    static Manifest manifest(StageConfig config, StageResult result) {
        return new Manifest(
                Manifest.VERSION,
                config.stage(),
                ArtifactKey.of(config, Map.of()),
                config,
                Map.of(),
                List.of(new FileEntry("a", 1, "00".repeat(32))),
                List.of(),
                result,
                new Provenance(
                        Instant.parse("2026-01-01T00:00:00Z"),
                        Instant.parse("2026-01-03T05:00:00Z"),
                        Map.of("pytorch", "2.7.1"),
                        Map.of("gpu", "8 x V100"),
                        5000,
                        1e6));
    }

    static Experiment experiment(PretrainConfig pretrain) {
        return new Experiment(
                "table1-d",
                Map.of(),
                new Experiment.Data(
                        "s3://raw/imagenet", "s3://raw/voc", List.of("dog"), List.of(), OnBadImage.FAIL, 1024, false),
                Optional.empty(),
                Optional.of(pretrain),
                KnnMonitor.OFF,
                List.of(new Experiment.Linear(linear(100), true), new Experiment.Detection(detect(7), 2)),
                null);
    }

    static PretrainConfig pretrain(Head head, Schedule schedule, int epochs, double temperature, int batchSize) {
        List<Integer> milestones = schedule == Schedule.STEP ? List.of(120, 160) : List.of();
        return new PretrainConfig(
                Architecture.RESNET50,
                head,
                128,
                224,
                Augmentation.AUG_PLUS,
                epochs,
                batchSize,
                8,
                new Contrast(65536, temperature, 0.999),
                new Optimizer(0.03, 0.9, 1e-4, schedule, milestones),
                Precision.FLOAT32,
                3);
    }

    static LinearConfig linear(int epochs) {
        return new LinearConfig(
                Architecture.RESNET50,
                false,
                0,
                224,
                epochs,
                256,
                new Optimizer(30, 0.9, 0, Schedule.STEP, List.of(60, 80)),
                Precision.FLOAT32,
                3);
    }

    static DetectConfig detect(long seed) {
        return new DetectConfig(
                Architecture.RESNET50,
                new DetectConfig.Input(List.of(480, 512, 544, 576, 608, 640, 672, 704, 736, 768, 800), 800, 1333),
                new DetectConfig.Anchors(List.of(32, 64, 128, 256, 512), List.of(0.5, 1.0, 2.0)),
                new DetectConfig.Proposals(256, 0.5, 12000, 2000, 6000, 1000, 0.7),
                new DetectConfig.Regions(512, 0.25, 14, 0.05, 0.5, 100),
                new DetectConfig.Solver(24000, 16, 8, 0.02, 0.9, 1e-4, List.of(18000, 22000), 100, 0.001),
                200,
                Precision.FLOAT32,
                seed);
    }
}
