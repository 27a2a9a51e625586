package dev.moco.training.bench;

import java.util.ArrayList;
import java.util.List;

/** Seconds of the verified copy and of the plain GETs, which took turns. */
record Alternation(Timings verified, Timings plain) {
    /** Reads everything once, and removes what it wrote; the seconds of reading. */
    @FunctionalInterface
    interface Reading {
        double run() throws Exception;
    }

    /** One round of warm-up, then those timed; each leads as often as it follows. */
    static Alternation of(int rounds, Reading verified, Reading plain) throws Exception {
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
        return new Alternation(new Timings(verifiedSeconds), new Timings(plainSeconds));
    }
}
