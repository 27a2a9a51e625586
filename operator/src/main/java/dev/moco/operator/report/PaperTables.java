package dev.moco.operator.report;

import dev.moco.contract.Architecture;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.Experiment;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Optimizer.Schedule;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The paper's own experiments (arXiv 2003.04297, Table 1 and the temperature table, see docs/method.md §4), and
 * a lookup of the row that a configuration reproduces. MoCo's rows of Table 2 are rows of Table 1.
 */
public final class PaperTables {
    /** Three standard deviations of the five published linear results (v1 0.2, v2 0.1 and rounding). */
    private static final double V1_BAND = 0.6;

    private static final double V2_BAND = 0.5;

    /** Temperatures of the ablation, and its top-1 without and with the MLP head. */
    private static final double[][] TEMPERATURES = {
        {0.07, 60.6, 62.9},
        {0.1, 60.7, 64.9},
        {0.2, 59.0, 66.2},
        {0.3, 58.2, 65.7},
        {0.4, 57.2, 65.0},
        {0.5, 56.4, 64.3}
    };

    /** Rows are compared ignoring the seed. */
    private static final long NO_SEED = 0;

    private static final List<PaperRow> ROWS = rows();

    /** Rows of the checkpoints of github.com/facebookresearch/moco, by the first digits of their MD5. */
    private static final Map<String, String> PUBLISHED =
            Map.of("b251726a", "MoCo v1", "59fd9945", "(d)", "a04e12f8", "(e)");

    private PaperTables() {}

    public static List<PaperRow> all() {
        return ROWS;
    }

    /** The row whose pre-training, from random weights, is the experiment's in every field but the seed. */
    public static Optional<PaperRow> rowOf(Experiment experiment) {
        return experiment
                .pretrain()
                .filter(pretrain -> experiment.weights().isEmpty())
                .map(pretrain -> pretrain.withSeed(NO_SEED))
                .flatMap(own ->
                        ROWS.stream().filter(row -> row.pretrain().equals(own)).findFirst());
    }

    /** The row whose checkpoint was published with this MD5, of which the first digits are in the file's name. */
    static Optional<PaperRow> published(String md5) {
        return PUBLISHED.entrySet().stream()
                .filter(checkpoint -> md5.startsWith(checkpoint.getKey()))
                .map(Map.Entry::getValue)
                .flatMap(name -> ROWS.stream().filter(row -> row.name().equals(name)))
                .findFirst();
    }

    /** Returns whether the linear probe is the paper's (docs/method.md §2). */
    public static boolean isPapers(LinearConfig own) {
        return own.equals(new LinearConfig(
                Architecture.RESNET50,
                false,
                own.encoderSeed(),
                224,
                100,
                256,
                new Optimizer(30, 0.9, 0, Schedule.STEP, List.of(60, 80)),
                Precision.FLOAT32,
                own.seed()));
    }

    /** Returns whether the detector is the paper's (docs/method.md §3.1–3.2). */
    public static boolean isPapers(DetectConfig own) {
        return own.equals(new DetectConfig(
                Architecture.RESNET50,
                new DetectConfig.Input(
                        IntStream.rangeClosed(0, 10).mapToObj(i -> 480 + 32 * i).toList(), 800, 1333),
                new DetectConfig.Anchors(List.of(32, 64, 128, 256, 512), List.of(0.5, 1.0, 2.0)),
                new DetectConfig.Proposals(256, 0.5, 12000, 2000, 6000, 1000, 0.7),
                new DetectConfig.Regions(512, 0.25, 14, 0.05, 0.5, 100),
                new DetectConfig.Solver(24000, 16, 8, 0.02, 0.9, 1e-4, List.of(18000, 22000), 100, 0.001),
                200,
                Precision.FLOAT32,
                own.seed()));
    }

    private static List<PaperRow> rows() {
        List<PaperRow> rows = new ArrayList<>();
        Head fc = Head.FC;
        Head mlp = Head.MLP;
        Augmentation v1 = Augmentation.V1;
        Augmentation plus = Augmentation.AUG_PLUS;
        rows.add(row("MoCo v1", fc, v1, Schedule.STEP, 200, 0.07, 60.6, V1_BAND, 81.5, 55.9, 62.6));
        rows.add(row("(a)", mlp, v1, Schedule.STEP, 200, 0.2, 66.2, V2_BAND, 82.0, 56.4, 62.6));
        rows.add(row("(b)", fc, plus, Schedule.STEP, 200, 0.07, 63.4, V2_BAND, 82.2, 56.8, 63.2));
        rows.add(row("(c)", mlp, plus, Schedule.STEP, 200, 0.2, 67.3, V2_BAND, 82.5, 57.2, 63.9));
        rows.add(row("(d)", mlp, plus, Schedule.COSINE, 200, 0.2, 67.5, V2_BAND, 82.4, 57.0, 63.6));
        rows.add(row("(e)", mlp, plus, Schedule.COSINE, 800, 0.2, 71.1, V2_BAND, 82.5, 57.4, 64.0));
        for (double[] line : TEMPERATURES) {
            rows.add(temperature(line[0], fc, line[1]));
            rows.add(temperature(line[0], mlp, line[2]));
        }
        return List.copyOf(rows);
    }

    private static PaperRow row(
            String name,
            Head head,
            Augmentation augmentation,
            Schedule schedule,
            int epochs,
            double temperature,
            double top1,
            double band,
            double ap50,
            double ap,
            double ap75) {
        return new PaperRow(
                "Table 1",
                name,
                pretrain(head, augmentation, schedule, epochs, temperature),
                top1,
                band,
                new PaperRow.Voc(ap50, ap, ap75));
    }

    private static PaperRow temperature(double temperature, Head head, double top1) {
        String name = "τ " + temperature + (head == Head.MLP ? " with MLP" : " without MLP");
        PretrainConfig pretrain = pretrain(head, Augmentation.V1, Schedule.STEP, 200, temperature);
        return new PaperRow("temperature table", name, pretrain, top1, V1_BAND, null);
    }

    private static PretrainConfig pretrain(
            Head head, Augmentation augmentation, Schedule schedule, int epochs, double temperature) {
        List<Integer> milestones = schedule == Schedule.STEP ? List.of(120, 160) : List.of();
        return new PretrainConfig(
                Architecture.RESNET50,
                head,
                128,
                224,
                augmentation,
                epochs,
                256,
                8,
                new Contrast(65536, temperature, 0.999),
                new Optimizer(0.03, 0.9, 1e-4, schedule, milestones),
                Precision.FLOAT32,
                NO_SEED);
    }
}
