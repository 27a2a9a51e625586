package dev.moco.operator.report;

import dev.moco.contract.ValidationSamples;
import dev.moco.contract.ValidationSamples.ClassCount;
import dev.moco.contract.ValidationSamples.Confusion;
import dev.moco.contract.ValidationSamples.Neighbors;
import dev.moco.operator.report.page.Block;
import dev.moco.operator.report.page.DotChart;
import dev.moco.operator.report.page.Page.Section;
import dev.moco.operator.report.page.Page.Strip;
import dev.moco.operator.report.page.Page.Table;
import dev.moco.operator.report.page.Page.TableCell;
import dev.moco.operator.report.page.Page.TableRow;
import dev.moco.operator.report.page.Page.Thumb;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Validation images: classes that are confused, accuracy of each class, neighbors, and features in a plane. */
final class ValidationSection {
    /** Most classes of a whole matrix; of more, the most frequent confusions are listed. */
    private static final int MATRIX = 20;

    private static final int LISTED = 20;

    private ValidationSection() {}

    static List<Section> of(ReportInput input) {
        return input.linear().flatMap(run -> run.samples().validation()).stream()
                .flatMap(samples -> List.of(
                        new Section(
                                "Classes", List.of(Block.table(confusions(samples)), Block.table(accuracies(samples)))),
                        new Section(
                                "Nearest neighbors of validation images", List.of(Block.strips(neighbors(samples)))),
                        new Section("Features of validation images", List.of(embedding(samples))))
                        .stream())
                .toList();
    }

    private static Table confusions(ValidationSamples samples) {
        return samples.classes().size() <= MATRIX ? matrix(samples) : mostFrequent(samples);
    }

    private static Table matrix(ValidationSamples samples) {
        Map<String, Long> counts = new HashMap<>();
        samples.classes().forEach(of -> counts.put(cell(of.name(), of.name()), of.correct()));
        samples.confusions().forEach(of -> counts.put(cell(of.truth(), of.predicted()), of.images()));
        List<String> names = samples.classes().stream().map(ClassCount::name).toList();
        List<String> columns = new ArrayList<>(List.of("class \\ classified as"));
        columns.addAll(names);
        List<TableRow> rows = samples.classes().stream()
                .map(of -> new TableRow(
                        of.name(),
                        names.stream()
                                .map(predicted -> shaded(
                                        counts.getOrDefault(cell(of.name(), predicted), 0L),
                                        of.images(),
                                        of.name().equals(predicted)))
                                .toList()))
                .toList();
        return new Table(
                "Confusion matrix: validation images of each class (rows) by predicted class. " + worst(samples),
                columns,
                rows);
    }

    private static String cell(String truth, String predicted) {
        return truth + "\n" + predicted;
    }

    private static TableCell shaded(long count, long images, boolean right) {
        double share = images == 0 ? 0 : (double) count / images;
        return new TableCell(
                Long.toString(count),
                count == 0 ? "" : right ? "right" : "wrong",
                count == 0 ? "" : String.format(Locale.ROOT, "%.2f", share));
    }

    private static Table mostFrequent(ValidationSamples samples) {
        return new Table(
                "Most frequent confusions of " + samples.classes().size() + " classes. " + worst(samples),
                List.of("class", "classified as", "images"),
                samples.confusions().stream()
                        .limit(LISTED)
                        .map(of -> TableRow.of(of.truth(), List.of(of.predicted(), Long.toString(of.images()))))
                        .toList());
    }

    /** A sentence on the most frequent confusion. */
    private static String worst(ValidationSamples samples) {
        return samples.confusions().stream()
                .max(Comparator.comparingLong(Confusion::images))
                .map(of -> "Most often " + of.truth() + " is taken for " + of.predicted() + ": " + of.images()
                        + (of.images() == 1 ? " image." : " images."))
                .orElse("No image is taken for another class.");
    }

    private static Table accuracies(ValidationSamples samples) {
        List<ClassCount> sorted = samples.classes().stream()
                .sorted(Comparator.comparingDouble(ClassCount::accuracy))
                .limit(LISTED)
                .toList();
        String which = samples.classes().size() > LISTED ? "The " + LISTED + " least accurate classes" : "Classes";
        return new Table(
                which + ", the least accurate first",
                List.of("class", "top-1, %", "images"),
                sorted.stream()
                        .map(of -> new TableRow(
                                of.name(),
                                List.of(
                                        new TableCell(
                                                Spread.one(of.accuracy()),
                                                "right",
                                                String.format(Locale.ROOT, "%.2f", of.accuracy() / 100)),
                                        TableCell.of(Long.toString(of.images())))))
                        .toList());
    }

    private static List<Strip> neighbors(ValidationSamples samples) {
        return samples.neighbors().stream().map(ValidationSection::strip).toList();
    }

    private static Strip strip(Neighbors of) {
        String name = of.image().label();
        List<Thumb> thumbs = new ArrayList<>();
        thumbs.add(ViewSection.thumb(of.image(), "Validation image of class " + name, name, "image"));
        of.nearest()
                .forEach(near -> thumbs.add(ViewSection.thumb(
                        near.image(),
                        "Neighbor of class " + near.image().label() + ", cosine " + cosine(near.similarity()),
                        near.image().label(),
                        cosine(near.similarity()))));
        long same = of.nearest().stream()
                .filter(near -> near.image().label().equals(name))
                .count();
        return new Strip(name + ": " + same + " of " + of.nearest().size() + " nearest are of its class", thumbs);
    }

    private static String cosine(double similarity) {
        return String.format(Locale.ROOT, "%.2f", similarity);
    }

    private static Block embedding(ValidationSamples samples) {
        List<DotChart.LabeledPoint> points = samples.embedding().stream()
                .map(point -> new DotChart.LabeledPoint(point.label(), point.x(), point.y()))
                .toList();
        long classes =
                points.stream().map(DotChart.LabeledPoint::label).distinct().count();
        return Block.charts(new DotChart(
                        "Principal components of the features",
                        points.size() + " validation images of " + classes + " classes, by the first two components.",
                        "first component",
                        "second component",
                        points)
                .chart());
    }
}
