package dev.moco.training.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Times of one kind of work that all processes did together.
 *
 * @param work name of the work, such as {@code gradient} or {@code step}
 * @param amount bytes of the array that is summed or gathered, or images of a repetition, of all processes
 * @param seconds of each timed repetition, of the slowest process
 * @param waitShare share of the time in which the process that waited the longest waited for its loader; null without one
 * @param loss after the last step; null of other work
 */
record WorldTimes(
        String work,
        long amount,
        List<Double> seconds,
        @Nullable Double waitShare,
        @Nullable Double loss) {
    WorldTimes {
        seconds = List.copyOf(seconds);
    }

    /** Work that is not training. */
    static WorldTimes of(String work, long amount, Timings timings) {
        return new WorldTimes(work, amount, timings.seconds(), null, null);
    }

    Timings timings() {
        return new Timings(seconds);
    }
}
