package dev.moco.operator.report;

import dev.moco.contract.Experiment;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageResult.AveragePrecision;
import dev.moco.contract.StageResult.Classified;
import dev.moco.contract.StageResult.Detected;
import dev.moco.contract.StageResult.Pretrained;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * Numbers of one experiment for the tables of the paper.
 *
 * @param name experiment
 * @param row row that it reproduces
 * @param numbers accuracies that may be compared with the row's
 * @param cost cost of its steps, measured on GPUs
 * @param pretrained true once its pre-training is committed
 * @param hoursLeft hours of what is left to do, by a forecast; empty if they are unknown
 * @param notes why numbers of it are in no cell
 */
public record TableEntry(
        String name,
        Optional<PaperRow> row,
        Map<TableMetric, Spread> numbers,
        Optional<TableCost> cost,
        boolean pretrained,
        OptionalDouble hoursLeft,
        List<String> notes) {
    public TableEntry {
        numbers = Map.copyOf(numbers);
        notes = List.copyOf(notes);
    }

    /** Numbers of what is committed. */
    public static TableEntry of(ReportInput input, OptionalDouble hoursLeft) {
        Experiment experiment = input.experiment();
        Optional<PaperRow> row = input.paperRow();
        List<String> notes = new ArrayList<>(PaperData.differences(input));
        Map<TableMetric, Spread> numbers = new EnumMap<>(TableMetric.class);
        if (row.isEmpty()) {
            notes.add(MarkdownReport.noRow(experiment));
        } else {
            notes.addAll(Protocol.differences(experiment, row.get()));
            if (PaperData.differences(input).isEmpty()) {
                numbers.putAll(numbers(input, row.get()));
            }
        }
        return new TableEntry(
                experiment.name(),
                row,
                numbers,
                TrainingCost.of(input).flatMap(TrainingCost::inTable),
                experiment.pretrain().isEmpty() || input.pretrain().isPresent(),
                hoursLeft,
                notes);
    }

    private static Map<TableMetric, Spread> numbers(ReportInput input, PaperRow row) {
        Map<TableMetric, Spread> numbers = new EnumMap<>(TableMetric.class);
        Optional<Double> top1 = row.probe() == PaperRow.Probe.OWN_CLASSES
                ? ResultRow.result(input.pretrain(), Pretrained.class)
                        .map(Pretrained::validation)
                        .map(StageResult.Accuracy::top1)
                : ResultRow.result(input.linear(), Classified.class)
                        .filter(probe ->
                                Protocol.ofLinear(input.experiment(), row).isEmpty())
                        .map(Classified::bestTop1);
        top1.ifPresent(value -> numbers.put(TableMetric.TOP1, new Spread(value, 0, 1)));
        List<Detected> trials =
                input.trials().stream().map(ReportInput.Trial::result).toList();
        if (!trials.isEmpty()
                && row.voc() != null
                && Protocol.ofDetection(input.experiment(), row).isEmpty()) {
            numbers.put(TableMetric.AP50, mean(trials, AveragePrecision::ap50));
            numbers.put(TableMetric.AP, mean(trials, AveragePrecision::ap));
            numbers.put(TableMetric.AP75, mean(trials, AveragePrecision::ap75));
        }
        return numbers;
    }

    private static Spread mean(List<Detected> trials, ToDoubleFunction<AveragePrecision> metric) {
        return Spread.of(trials.stream()
                .map(trial -> metric.applyAsDouble(trial.voc07()))
                .toList());
    }

    /** True if it is to reproduce a row. */
    boolean isOf(PaperRow of) {
        return row.filter(of::equals).isPresent();
    }

    /** Its accuracy for a row; empty if it has none. */
    Optional<Spread> number(PaperRow of, TableMetric metric) {
        return isOf(of) ? Optional.ofNullable(numbers.get(metric)) : Optional.empty();
    }

    /** Its cost of steps for a row with the same work in each step; the heads of MoCo v1 and v2 count as the same. */
    Optional<TableCost> cost(PaperRow of) {
        return cost.filter(measured -> sameSteps(measured.config(), of.pretrain()));
    }

    private static boolean sameSteps(PretrainConfig own, PretrainConfig row) {
        return withMlp(own).stepWork().equals(withMlp(row).stepWork());
    }

    private static PretrainConfig withMlp(PretrainConfig config) {
        return new PretrainConfig(
                config.architecture(),
                config.head() == PretrainConfig.Head.FC ? PretrainConfig.Head.MLP : config.head(),
                config.dimension(),
                config.imageSize(),
                config.augmentation(),
                config.epochs(),
                config.batchSize(),
                config.ranks(),
                config.contrast(),
                config.optimizer(),
                config.precision(),
                config.seed(),
                config.method());
    }
}
