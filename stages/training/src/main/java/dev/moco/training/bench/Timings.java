package dev.moco.training.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Seconds of repetitions of the same work, in their order. */
record Timings(List<Double> seconds) {
    Timings {
        if (seconds.isEmpty()) {
            throw new IllegalArgumentException("no repetition was timed");
        }
        seconds = List.copyOf(seconds);
    }

    /** Work that is repeated; the number includes the repetitions of the warm-up. */
    @FunctionalInterface
    interface Repetition {
        void run(int number) throws Exception;
    }

    /** Runs the warm-up, then the timed repetitions. */
    static Timings of(int warmup, int timed, Repetition repetition) throws Exception {
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i < warmup + timed; i++) {
            long start = System.nanoTime();
            repetition.run(i);
            if (i >= warmup) {
                seconds.add((System.nanoTime() - start) / 1e9);
            }
        }
        return new Timings(seconds);
    }

    /** Median and range of the seconds. */
    Spread spread() {
        List<Double> sorted = sorted();
        return new Spread(median(sorted), sorted.get(0), sorted.get(sorted.size() - 1));
    }

    /** Median and range of the work done in a second by repetitions that each do the given amount. */
    Spread rates(double work) {
        Spread spread = spread();
        return new Spread(work / spread.median(), work / spread.max(), work / spread.min());
    }

    double total() {
        return seconds.stream().mapToDouble(Double::doubleValue).sum();
    }

    private List<Double> sorted() {
        List<Double> sorted = new ArrayList<>(seconds);
        Collections.sort(sorted);
        return sorted;
    }

    private static double median(List<Double> sorted) {
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** Median and range of some numbers. */
    record Spread(double median, double min, double max) {}
}
