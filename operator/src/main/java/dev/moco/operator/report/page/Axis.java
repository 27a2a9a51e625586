package dev.moco.operator.report.page;

import dev.moco.operator.report.page.Chart.Tick;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An axis: a range of values, on a range of the view box.
 *
 * @param least value at {@code from}
 * @param most value at {@code to}
 */
record Axis(double least, double most, double from, double to) {
    private static final int TICKS = 5;
    private static final int MOST_NAMES = 8;
    /** Least share of a value that a range has: numbers that are nearer to each other have no marks between them. */
    private static final double LEAST_RANGE = 1e-9;

    /** An axis of the width of a chart. */
    static Axis across(double least, double most) {
        return wide(least, most, Chart.LEFT, Chart.WIDTH - Chart.RIGHT);
    }

    /** An axis of the height of a chart, upward. */
    static Axis up(double least, double most) {
        return wide(least, most, Chart.HEIGHT - Chart.BOTTOM, Chart.TOP);
    }

    /** A range of one value, or of hardly more, gets some room around it. */
    private static Axis wide(double least, double most, double from, double to) {
        double size = Math.max(Math.abs(least), Math.abs(most));
        double room = most > least && most - least > size * LEAST_RANGE ? 0 : Math.max(0.5, size * 0.1);
        return new Axis(least - room, most + room, from, to);
    }

    /** An axis of the width of a chart with places 0, 1 … at equal distances, and room at both ends. */
    static Axis places(int number) {
        return new Axis(-0.5, number - 0.5, Chart.LEFT, Chart.WIDTH - Chart.RIGHT);
    }

    double at(double value) {
        return from + (value - least) / (most - least) * (to - from);
    }

    /** Marks at round values. */
    List<Tick> ticks() {
        double raw = (most - least) / TICKS;
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        double step = power * (raw / power <= 1 ? 1 : raw / power <= 2 ? 2 : raw / power <= 5 ? 5 : 10);
        List<Tick> ticks = new ArrayList<>();
        for (double i = Math.ceil(least / step - 1e-9); i * step <= most + step * 1e-9; i++) {
            ticks.add(new Tick(text(at(i * step)), number(i * step, step)));
        }
        return ticks;
    }

    /** Marks of places that have these names; every so many where there are many. */
    List<Tick> ticks(List<String> names) {
        int every = Math.max(1, (names.size() + MOST_NAMES - 1) / MOST_NAMES);
        List<Tick> ticks = new ArrayList<>();
        for (int i = 0; i < names.size(); i += every) {
            ticks.add(new Tick(text(at(i)), names.get(i)));
        }
        return ticks;
    }

    /** A coordinate. */
    static String text(double coordinate) {
        return String.format(Locale.ROOT, "%.1f", coordinate);
    }

    private String number(double value, double step) {
        double size = Math.max(Math.abs(least), Math.abs(most));
        if (size >= 1e6) {
            return plain(value / 1e6, step / 1e6) + "M";
        }
        return size >= 1e4 ? plain(value / 1e3, step / 1e3) + "k" : plain(value, step);
    }

    private static String plain(double value, double step) {
        int decimals = Math.max(0, Math.min(6, (int) Math.ceil(-Math.log10(step) - 1e-9)));
        String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
        return text.matches("-0(\\.0*)?") ? text.substring(1) : text;
    }
}
