package dev.moco.training.bench;

import java.util.ArrayList;
import java.util.List;

/** Seconds of verified copies and of plain GETs, measured alternately. */
record PairedTimings(Timings verified, Timings plain) {
    /** Reads all objects once, deletes the copies, and returns the seconds of reading. */
    @FunctionalInterface
    interface TimedRead {
        double run() throws Exception;
    }

    /** Runs one round of warm-up, then the timed rounds; which of the two is first alternates. */
    static PairedTimings of(int rounds, TimedRead verified, TimedRead plain) throws Exception {
        List<Double> verifiedSeconds = new ArrayList<>();
        List<Double> plainSeconds = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            double first = (round % 2 == 0 ? verified : plain).run();
            double second = (round % 2 == 0 ? plain : verified).run();
            if (round > 0) {
                verifiedSeconds.add(round % 2 == 0 ? first : second);
                plainSeconds.add(round % 2 == 0 ? second : first);
            }
        }
        return new PairedTimings(new Timings(verifiedSeconds), new Timings(plainSeconds));
    }
}
