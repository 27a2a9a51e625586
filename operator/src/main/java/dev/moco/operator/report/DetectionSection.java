package dev.moco.operator.report;

import dev.moco.contract.DetectionSamples.Box;
import dev.moco.contract.DetectionSamples.DetectionSample;
import dev.moco.contract.StageResult.AveragePrecision;
import dev.moco.contract.StageResult.ClassAveragePrecision;
import dev.moco.operator.report.page.AnnotatedImage;
import dev.moco.operator.report.page.Block;
import dev.moco.operator.report.page.Chart;
import dev.moco.operator.report.page.Page.Section;
import dev.moco.operator.report.page.Page.Strip;
import dev.moco.operator.report.page.Page.Table;
import dev.moco.operator.report.page.Page.TableRow;
import dev.moco.operator.report.page.Page.Thumb;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Detection: trials with their spread, classes, and images of the first trial. */
final class DetectionSection {
    private DetectionSection() {}

    static List<Section> of(ReportInput input) {
        List<ReportInput.Trial> trials = input.trials();
        if (trials.isEmpty()) {
            return List.of();
        }
        ReportInput.Run first = trials.get(0).run();
        return List.of(
                new Section(
                        "Detection",
                        List.of(
                                Block.table(trialTable(trials)),
                                CurveSection.detection(trials.stream()
                                        .map(ReportInput.Trial::run)
                                        .toList()),
                                Block.table(classes(trials)))),
                new Section(
                        "Detections, " + first.task(),
                        List.of(
                                Block.text(
                                        first.samples().detections().isPresent()
                                                ? "Dashed: an object of the test set. In color: a detection with a score of 0.5"
                                                        + " or more, with its class and score."
                                                : ""),
                                Block.scenes(scenes(first)),
                                Block.strips(drawings(first)))));
    }

    private static Table trialTable(List<ReportInput.Trial> trials) {
        List<TableRow> rows = new ArrayList<>();
        for (ReportInput.Trial trial : trials) {
            List<String> cells = new ArrayList<>();
            cells.add(Long.toString(trial.run().manifest().config().seed()));
            precisions(trial).forEach(value -> cells.add(Spread.one(value)));
            rows.add(TableRow.of(trial.run().task(), cells));
        }
        if (trials.size() > 1) {
            List<String> cells = new ArrayList<>(List.of(""));
            int columns = precisions(trials.get(0)).size();
            for (int i = 0; i < columns; i++) {
                int column = i;
                cells.add(Spread.of(trials.stream()
                                .map(trial -> precisions(trial).get(column))
                                .toList())
                        .text());
            }
            rows.add(TableRow.of("mean ± deviation", cells));
        }
        return new Table(
                "Average precision of each trial, in percent",
                List.of("trial", "seed", "AP50", "AP", "AP75", "AP50 (area)", "AP (COCO)"),
                rows);
    }

    private static List<Double> precisions(ReportInput.Trial trial) {
        AveragePrecision voc = trial.result().voc07();
        return List.of(
                voc.ap50(),
                voc.ap(),
                voc.ap75(),
                trial.result().vocArea().ap50(),
                trial.result().coco().ap());
    }

    private static Table classes(List<ReportInput.Trial> trials) {
        Map<String, List<ClassAveragePrecision>> byName = new LinkedHashMap<>();
        trials.forEach(trial -> trial.result()
                .classes()
                .forEach(of -> byName.computeIfAbsent(of.name(), name -> new ArrayList<>())
                        .add(of)));
        List<TableRow> rows = new ArrayList<>();
        byName.forEach((name, all) -> rows.add(TableRow.of(
                name,
                List.of(
                        spread(all, ClassAveragePrecision::ap50),
                        spread(all, ClassAveragePrecision::ap),
                        spread(all, ClassAveragePrecision::ap75)))));
        return new Table(
                "Average precision of each class, in percent" + (trials.size() > 1 ? ", over the trials" : ""),
                List.of("class", "AP50", "AP", "AP75"),
                rows);
    }

    private static String spread(
            List<ClassAveragePrecision> all, Function<ClassAveragePrecision, @Nullable Double> metric) {
        List<Double> values = all.stream()
                .map(metric)
                .flatMap(value -> Stream.ofNullable(value))
                .toList();
        return values.isEmpty() ? "–" : Spread.of(values).text();
    }

    private static List<AnnotatedImage> scenes(ReportInput.Run run) {
        List<DetectionSample> samples = run.samples().detections().stream()
                .flatMap(detections -> detections.samples().stream())
                .toList();
        List<String> names = samples.stream()
                .flatMap(sample -> Stream.concat(sample.truths().stream(), sample.found().stream()))
                .map(Box::name)
                .distinct()
                .sorted()
                .toList();
        return samples.stream().map(sample -> scene(sample, names)).toList();
    }

    private static AnnotatedImage scene(DetectionSample sample, List<String> names) {
        double size = Math.max(sample.image().width(), sample.image().height());
        double font = size / 24;
        List<AnnotatedImage.Box> boxes = new ArrayList<>();
        sample.truths().forEach(box -> boxes.add(box("truth", box, "", font)));
        // The best on top.
        IntStream.range(0, sample.found().size())
                .map(i -> sample.found().size() - 1 - i)
                .mapToObj(sample.found()::get)
                .forEach(box ->
                        boxes.add(box("found " + Chart.color(names.indexOf(box.name())), box, text(box), font)));
        String found = counted(sample.found().stream().map(DetectionSection::text));
        String truth = counted(sample.truths().stream().map(Box::name));
        return new AnnotatedImage(
                sample.image().label() + ": found " + found + "; there is " + truth,
                "Test image with " + truth + "; the detector found " + found,
                ViewSection.base64(sample.image()),
                sample.image().width(),
                sample.image().height(),
                number(font),
                number(size / 160),
                boxes);
    }

    private static String text(Box box) {
        return box.name() + " " + String.format(Locale.ROOT, "%.2f", box.score());
    }

    private static String counted(Stream<String> things) {
        String joined = things.collect(Collectors.joining(", "));
        return joined.isEmpty() ? "nothing" : joined;
    }

    private static AnnotatedImage.Box box(String kind, Box box, String label, double font) {
        return new AnnotatedImage.Box(
                kind,
                number(box.x1()),
                number(box.y1()),
                number(Math.max(0, box.x2() - box.x1())),
                number(Math.max(0, box.y2() - box.y1())),
                label,
                number(box.x1() + font / 4),
                number(Math.max(box.y1(), 0) + font));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static List<Strip> drawings(ReportInput.Run run) {
        if (run.samples().drawings().isEmpty()) {
            return List.of();
        }
        return List.of(new Strip(
                "Objects in white, detections in color",
                run.samples().drawings().stream()
                        .map(drawing -> new Thumb(
                                "Detections in test image " + drawing.name(),
                                "image/png",
                                Base64.getEncoder().encodeToString(drawing.png()),
                                drawing.name(),
                                ""))
                        .toList()));
    }
}
