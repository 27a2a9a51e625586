package dev.moco.operator.report;

import dev.moco.contract.DetectConfig;
import dev.moco.contract.Experiment;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.Optimizer.Schedule;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.operator.report.PaperRow.Probe;
import dev.moco.operator.report.PaperRow.Published;
import dev.moco.operator.report.PaperRow.Voc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The paper's own experiments (arXiv 2003.04297, Tables 1 to 3 and the temperature table, see docs/method.md §4), and
 * a lookup of the row that a configuration reproduces. Where several tables have one
 * pre-training, the first of them is found.
 */
public final class PaperTables {
    /** Three standard deviations of the five published linear results (v1 0.2, v2 0.1 and rounding). */
    private static final double V1_BAND = 0.6;

    private static final double V2_BAND = 0.5;

    /** Mean of MoCo v1's five published runs; the table has another one, 60.6. */
    private static final double V1_MEAN = 60.8;

    /** Temperatures of the ablation, and its top-1 without and with the MLP head. */
    static final double[][] TEMPERATURES = {
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
                .flatMap(PaperTables::rowOf);
    }

    /** The row with this pre-training, whatever the seed. */
    static Optional<PaperRow> rowOf(PretrainConfig pretrain) {
        PretrainConfig own = pretrain.withSeed(NO_SEED);
        return ROWS.stream().filter(row -> row.pretrain().equals(own)).findFirst();
    }

    /** The first of the rows from which a pre-training differs in the fewest fields. */
    static Nearest nearest(PretrainConfig pretrain) {
        PretrainConfig own = pretrain.withSeed(NO_SEED);
        Nearest nearest = null;
        for (PaperRow row : ROWS) {
            List<String> differences = Differences.between(own, row.pretrain());
            if (nearest == null || differences.size() < nearest.differences().size()) {
                nearest = new Nearest(row, differences);
            }
        }
        if (nearest == null) {
            throw new IllegalStateException("the paper has rows");
        }
        return nearest;
    }

    /** A row, and the fields of a pre-training that differ from it. */
    record Nearest(PaperRow row, List<String> differences) {}

    /** The row whose checkpoint was published with this MD5, of which the first digits are in the file's name. */
    static Optional<PaperRow> published(String md5) {
        return PUBLISHED.entrySet().stream()
                .filter(checkpoint -> md5.startsWith(checkpoint.getKey()))
                .map(Map.Entry::getValue)
                .flatMap(name -> ROWS.stream().filter(row -> row.name().equals(name)))
                .findFirst();
    }

    /** Returns whether the linear probe is the paper's of MoCo's rows (docs/method.md §2). */
    public static boolean isPapers(LinearConfig own) {
        return differences(own, PaperConfigs.linear()).isEmpty();
    }

    /** Returns whether the detector is the paper's (docs/method.md §3.1–3.2). */
    public static boolean isPapers(DetectConfig own) {
        return differences(own).isEmpty();
    }

    /** Fields of a linear probe that are not the row's; seeds do not count. */
    static List<String> differences(LinearConfig own, LinearConfig row) {
        return Differences.between(
                new LinearConfig(
                        own.architecture(),
                        own.untrained(),
                        row.encoderSeed(),
                        own.imageSize(),
                        own.epochs(),
                        own.batchSize(),
                        own.optimizer(),
                        own.precision(),
                        row.seed(),
                        own.zeroInitial()),
                row);
    }

    /** Fields of a detector that are not the paper's; the seed does not count. */
    static List<String> differences(DetectConfig own) {
        return Differences.between(own.withSeed(NO_SEED), PaperConfigs.detection());
    }

    private static List<PaperRow> rows() {
        List<PaperRow> rows = new ArrayList<>();
        Head fc = Head.FC;
        Head mlp = Head.MLP;
        Augmentation v1 = Augmentation.V1;
        Augmentation plus = Augmentation.AUG_PLUS;
        Published published = Published.around(60.6, V1_MEAN, V1_BAND);
        rows.add(row("MoCo v1", fc, v1, Schedule.STEP, 200, 0.07, published, new Voc(81.5, 55.9, 62.6)));
        rows.add(row("(a)", mlp, v1, Schedule.STEP, 200, 0.2, v2(66.2), new Voc(82.0, 56.4, 62.6)));
        rows.add(row("(b)", fc, plus, Schedule.STEP, 200, 0.07, v2(63.4), new Voc(82.2, 56.8, 63.2)));
        rows.add(row("(c)", mlp, plus, Schedule.STEP, 200, 0.2, v2(67.3), new Voc(82.5, 57.2, 63.9)));
        rows.add(row("(d)", mlp, plus, Schedule.COSINE, 200, 0.2, v2(67.5), new Voc(82.4, 57.0, 63.6)));
        rows.add(row("(e)", mlp, plus, Schedule.COSINE, 800, 0.2, v2(71.1), new Voc(82.5, 57.4, 64.0)));
        rows.add(new PaperRow(
                "Table 1",
                "supervised",
                PaperConfigs.supervised(),
                new Published(76.5, 75.4, 76.7),
                Probe.OWN_CLASSES,
                new Voc(81.3, 53.5, 58.8, "MSRA's ResNet-50")));
        // Single runs; the bands include independent ones (62.7 at 256, 66.9 at 4096, 69.2 after 800 epochs).
        rows.add(simClr("SimCLR 256", 256, 200, new Published(61.9, 60.9, 63.2)));
        rows.add(simClr("SimCLR 8192", 8192, 200, new Published(66.6, 66.0, 67.4)));
        rows.add(simClr("SimCLR 4096", 4096, 1000, new Published(69.3, 68.8, 69.8)));
        for (int batch : List.of(256, 4096)) {
            rows.add(new PaperRow(
                    "Table 3", "end-to-end " + batch, PaperConfigs.endToEnd(batch), null, Probe.MOCO, null));
        }
        for (double[] line : TEMPERATURES) {
            rows.add(temperature(line[0], fc, line[1]));
            rows.add(temperature(line[0], mlp, line[2]));
        }
        return List.copyOf(rows);
    }

    private static Published v2(double top1) {
        return Published.around(top1, top1, V2_BAND);
    }

    private static PaperRow row(
            String name,
            Head head,
            Augmentation augmentation,
            Schedule schedule,
            int epochs,
            double temperature,
            Published top1,
            @Nullable Voc voc) {
        PretrainConfig pretrain = PaperConfigs.moco(head, augmentation, schedule, epochs, temperature);
        return new PaperRow("Table 1", name, pretrain, top1, Probe.MOCO, voc);
    }

    private static PaperRow simClr(String name, int batch, int epochs, Published top1) {
        return new PaperRow("Table 2", name, PaperConfigs.simClr(batch, epochs), top1, Probe.SIMCLR, null);
    }

    private static PaperRow temperature(double temperature, Head head, double top1) {
        String name = "τ " + temperature + (head == Head.MLP ? " with MLP" : " without MLP");
        PretrainConfig pretrain = PaperConfigs.moco(head, Augmentation.V1, Schedule.STEP, 200, temperature);
        return new PaperRow(
                "temperature table", name, pretrain, Published.around(top1, top1, V1_BAND), Probe.MOCO, null);
    }
}
