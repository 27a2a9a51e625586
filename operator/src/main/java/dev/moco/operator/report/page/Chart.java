package dev.moco.operator.report.page;

import java.util.List;

/**
 * A chart in units of its view box, {@value #WIDTH} x {@value #HEIGHT}; made by {@link LineChart} and {@link DotChart}.
 *
 * @param caption title
 * @param finding what it shows, in a sentence
 * @param xLabel name of the horizontal axis
 * @param yLabel name of the vertical axis
 * @param xTicks marks of the horizontal axis
 * @param yTicks marks of the vertical axis
 * @param bands areas behind the lines
 * @param lines lines
 * @param dots points
 * @param legend names of the colors; empty for one alone
 */
public record Chart(
        String caption,
        String finding,
        String xLabel,
        String yLabel,
        List<Tick> xTicks,
        List<Tick> yTicks,
        List<Shape> bands,
        List<Shape> lines,
        List<Dot> dots,
        List<Key> legend) {
    static final int WIDTH = 400;
    static final int HEIGHT = 250;
    static final int LEFT = 58;
    static final int RIGHT = 18;
    static final int TOP = 12;
    static final int BOTTOM = 40;
    /** Number of colors; further series begin with the first again. */
    public static final int COLORS = 10;

    public Chart {
        xTicks = List.copyOf(xTicks);
        yTicks = List.copyOf(yTicks);
        bands = List.copyOf(bands);
        lines = List.copyOf(lines);
        dots = List.copyOf(dots);
        legend = List.copyOf(legend);
    }

    /** The chart with another sentence. */
    public Chart withFinding(String sentence) {
        return new Chart(caption, sentence, xLabel, yLabel, xTicks, yTicks, bands, lines, dots, legend);
    }

    public boolean hasLegend() {
        return !legend.isEmpty();
    }

    /** A mark with its text. */
    public record Tick(String at, String text) {}

    /** A line or an area: the class of its color, and its points. */
    public record Shape(String kind, String points) {}

    /** A point. */
    public record Dot(String kind, String x, String y) {}

    /** A color with its name. */
    public record Key(String kind, String name) {}

    /** Class of the color of a series. */
    public static String color(int series) {
        return "c" + series % COLORS;
    }
}
