package dev.moco.operator.client;

import java.time.Duration;

/** Formats ages as kubectl does, with two units for short ages. */
final class Age {
    private Age() {}

    static String of(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        long minutes = seconds / 60;
        long hours = minutes / 60;
        long days = hours / 24;
        if (seconds < 120) {
            return seconds + "s";
        } else if (minutes < 10) {
            return two(minutes, "m", seconds % 60, "s");
        } else if (hours < 3) {
            return minutes + "m";
        } else if (hours < 8) {
            return two(hours, "h", minutes % 60, "m");
        } else if (days < 2) {
            return hours + "h";
        } else if (days < 8) {
            return two(days, "d", hours % 24, "h");
        }
        return days < 2 * 365 ? days + "d" : two(days / 365, "y", days % 365, "d");
    }

    private static String two(long large, String unit, long small, String smallUnit) {
        return small == 0 ? large + unit : large + unit + small + smallUnit;
    }
}
