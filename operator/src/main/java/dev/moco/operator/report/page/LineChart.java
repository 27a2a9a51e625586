package dev.moco.operator.report.page;

import dev.moco.operator.report.page.Chart.Dot;
import dev.moco.operator.report.page.Chart.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Curves over a common axis.
 *
 * @param caption title
 * @param xLabel name of the horizontal axis
 * @param yLabel name of the vertical axis
 * @param series curves; those without points are not drawn
 * @param levels values to which the curves are compared, as dashed lines
 * @param places names of the places 0, 1 … of a horizontal axis without numbers, over which points have no lines; else empty
 */
public record LineChart(
        String caption, String xLabel, String yLabel, List<ChartLine> series, List<Level> levels, List<String> places) {
    /** Largest value that is drawn. A chart of larger ones, or of NaN, has no scale. */
    private static final double LARGEST = 1e12;
    /** Most points of a curve: more than a chart has columns. */
    private static final int MOST_POINTS = 500;
    /** Curves of so few points have marks. */
    private static final int MARKED = 12;

    public LineChart {
        series = series.stream().filter(curve -> !curve.isEmpty()).toList();
        places = List.copyOf(places);
        levels = levels.stream()
                .filter(level -> Math.abs(level.value()) <= LARGEST)
                .toList();
    }

    public LineChart(String caption, String xLabel, String yLabel, List<ChartLine> series, List<Level> levels) {
        this(caption, xLabel, yLabel, series, levels, List.of());
    }

    /** A dashed line. */
    public record Level(String name, double value) {}

    /** A point with its deviation over several runs; 0 for one. */
    public record Point(double x, double y, double deviation) {}

    /**
     * A curve; points that have no place in a chart are left out.
     *
     * @param compared points of what it is compared with, dashed in its color
     */
    public record ChartLine(String name, List<Point> points, List<Point> compared) {
        public ChartLine {
            points = placed(points);
            compared = placed(compared);
        }

        public ChartLine(String name, List<Point> points) {
            this(name, points, List.of());
        }

        private static List<Point> placed(List<Point> points) {
            return points.stream()
                    .filter(point -> Math.abs(point.x()) <= LARGEST
                            && Math.abs(point.y()) <= LARGEST
                            && Math.abs(point.deviation()) <= LARGEST)
                    .toList();
        }

        boolean isEmpty() {
            return points.isEmpty() && compared.isEmpty();
        }
    }

    /** The chart; empty if there is nothing to draw. */
    public Optional<Chart> chart() {
        if (series.isEmpty()) {
            return Optional.empty();
        }
        boolean numbers = places.isEmpty();
        Axis x = numbers ? Axis.across(least(true), most(true)) : Axis.places(places.size());
        Axis y = Axis.up(least(false), most(false));
        List<Shape> bands = new ArrayList<>();
        List<Shape> lines = new ArrayList<>();
        List<Dot> dots = new ArrayList<>();
        List<Chart.Key> legend = new ArrayList<>();
        for (int i = 0; i < series.size(); i++) {
            List<Point> points = thinned(series.get(i).points());
            String color = Chart.color(i);
            if (points.stream().anyMatch(point -> point.deviation() > 0)) {
                bands.add(new Shape(color, band(points, x, y)));
            }
            if (!series.get(i).compared().isEmpty()) {
                lines.add(new Shape(color + " dashed", points(series.get(i).compared(), x, y, 0)));
            }
            if (numbers && !points.isEmpty()) {
                lines.add(new Shape(color, points(points, x, y, 0)));
            }
            if (!numbers || points.size() < MARKED) {
                points.forEach(
                        point -> dots.add(new Dot(color, Axis.text(x.at(point.x())), Axis.text(y.at(point.y())))));
            }
            legend.add(new Chart.Key(color, series.get(i).name()));
        }
        for (Level level : levels) {
            List<Point> ends = List.of(new Point(x.least(), level.value(), 0), new Point(x.most(), level.value(), 0));
            lines.add(new Shape("level", points(ends, x, y, 0)));
            legend.add(new Chart.Key("level", level.name()));
        }
        return Optional.of(new Chart(
                caption,
                finding(),
                xLabel,
                yLabel,
                numbers ? x.ticks() : x.ticks(places),
                y.ticks(),
                bands,
                lines,
                dots,
                legend.size() > 1 ? legend : List.of()));
    }

    private double least(boolean horizontal) {
        return values(horizontal, -1).min().orElse(0);
    }

    private double most(boolean horizontal) {
        return values(horizontal, 1).max().orElse(1);
    }

    private DoubleStream values(boolean horizontal, int side) {
        DoubleStream ofPoints = series.stream()
                .flatMap(curve -> Stream.concat(curve.points().stream(), curve.compared().stream()))
                .mapToDouble(point -> horizontal ? point.x() : point.y() + side * point.deviation());
        return horizontal
                ? ofPoints
                : DoubleStream.concat(ofPoints, levels.stream().mapToDouble(Level::value));
    }

    /** Every so many points, and the last. */
    private static List<Point> thinned(List<Point> points) {
        if (points.isEmpty()) {
            return points;
        }
        int every = (points.size() + MOST_POINTS - 1) / MOST_POINTS;
        List<Point> thinned = new ArrayList<>();
        for (int i = 0; i < points.size(); i += every) {
            thinned.add(points.get(i));
        }
        Point last = points.get(points.size() - 1);
        if (!thinned.get(thinned.size() - 1).equals(last)) {
            thinned.add(last);
        }
        return thinned;
    }

    private static String band(List<Point> points, Axis x, Axis y) {
        List<Point> back = new ArrayList<>(points);
        Collections.reverse(back);
        return points(points, x, y, 1) + " " + points(back, x, y, -1);
    }

    private static String points(List<Point> points, Axis x, Axis y, int side) {
        return points.stream()
                .map(point -> Axis.text(x.at(point.x())) + "," + Axis.text(y.at(point.y() + side * point.deviation())))
                .collect(Collectors.joining(" "));
    }

    private String finding() {
        String curves = series.stream().map(LineChart::finding).collect(Collectors.joining("; "));
        String compared = levels.stream()
                .map(level -> ", " + level.name() + " " + number(level.value()))
                .collect(Collectors.joining());
        return curves + compared + ".";
    }

    private static String finding(ChartLine curve) {
        if (curve.points().isEmpty()) {
            return curve.name() + " has no numbers yet";
        }
        double first = curve.points().get(0).y();
        double last = curve.points().get(curve.points().size() - 1).y();
        OptionalDouble best = curve.points().stream().mapToDouble(Point::y).max();
        if (curve.points().size() == 1) {
            return curve.name() + " is " + number(last);
        }
        if (number(first).equals(number(last))) {
            return curve.name() + " begins and ends at " + number(last);
        }
        String peak = last > first
                        && best.getAsDouble() > last
                        && !number(best.getAsDouble()).equals(number(last))
                ? ", at most " + number(best.getAsDouble())
                : "";
        return curve.name() + (last < first ? " falls from " : " rises from ") + number(first) + " to " + number(last)
                + peak;
    }

    static String number(double value) {
        double size = Math.abs(value);
        return String.format(
                Locale.ROOT,
                size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 || size == 0 ? "%.2f" : "%.3g",
                value);
    }
}
