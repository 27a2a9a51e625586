package dev.moco.operator.report.page;

import dev.moco.operator.report.page.Chart.Dot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Points in a plane, colored by class.
 *
 * @param caption title
 * @param finding what they show, in a sentence
 */
public record DotChart(String caption, String finding, String xLabel, String yLabel, List<LabeledPoint> points) {
    private static final String OTHERS = "other";

    /** A point with its class. */
    public record LabeledPoint(String label, double x, double y) {}

    /** The chart; empty without points. Classes beyond the number of colors are gray. */
    public Optional<Chart> chart() {
        if (points.isEmpty()) {
            return Optional.empty();
        }
        Axis x = Axis.across(
                points.stream().mapToDouble(LabeledPoint::x).min().orElse(0),
                points.stream().mapToDouble(LabeledPoint::x).max().orElse(1));
        Axis y = Axis.up(
                points.stream().mapToDouble(LabeledPoint::y).min().orElse(0),
                points.stream().mapToDouble(LabeledPoint::y).max().orElse(1));
        Map<String, String> colors = new LinkedHashMap<>();
        points.stream()
                .map(LabeledPoint::label)
                .distinct()
                .sorted()
                .forEach(
                        label -> colors.put(label, colors.size() < Chart.COLORS ? Chart.color(colors.size()) : OTHERS));
        List<Dot> dots = points.stream()
                .map(point -> new Dot(
                        colors.getOrDefault(point.label(), OTHERS),
                        Axis.text(x.at(point.x())),
                        Axis.text(y.at(point.y()))))
                .toList();
        List<Chart.Key> legend = new ArrayList<>();
        colors.forEach((label, color) -> {
            if (!color.equals(OTHERS)) {
                legend.add(new Chart.Key("dot " + color, label));
            }
        });
        if (colors.containsValue(OTHERS)) {
            legend.add(new Chart.Key("dot " + OTHERS, (colors.size() - Chart.COLORS) + " other classes"));
        }
        return Optional.of(
                new Chart(caption, finding, xLabel, yLabel, x.ticks(), y.ticks(), List.of(), List.of(), dots, legend));
    }
}
