package dev.moco.training.bench;

import dev.moco.contract.StageFailure;
import dev.moco.training.bench.Timings.Repetition;
import dev.moco.training.collectives.DeviceMember;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Repetitions that all processes of a launch begin together. */
final class WorldRepetitions {
    private static final long BETWEEN_REPORTS_NANOS = 10_000_000_000L;

    private final DeviceMember member;
    private final int warmup;
    private final int timed;
    private final AtomicLong done = new AtomicLong();
    private long reported = System.nanoTime();

    /**
     * Prepares repetitions, whose number is the activity that the launcher watches.
     *
     * @param warmup repetitions before the timed ones
     * @param timed timed repetitions
     */
    WorldRepetitions(DeviceMember member, int warmup, int timed) {
        this.member = member;
        this.warmup = warmup;
        this.timed = timed;
        member.activity(done::get);
    }

    /**
     * Runs the warm-up, then the timed repetitions, each of which takes as long as in the slowest process.
     *
     * @throws StageFailure interrupted, if the launcher was asked to stop
     */
    Timings time(String name, Repetition work) throws Exception {
        List<Double> seconds = new ArrayList<>();
        for (int number = 0; number < warmup + timed; number++) {
            member.collectives().agree(0); // nobody begins before all others have ended
            long start = System.nanoTime();
            work.run(number);
            double slowest = slowest((System.nanoTime() - start) / 1e9);
            if (number >= warmup) {
                seconds.add(slowest);
            }
            done.incrementAndGet();
            report(name, number, slowest);
        }
        return new Timings(seconds);
    }

    private double slowest(double own) {
        double slowest = own;
        for (double[] ofProcess : member.collectives().agree(own, member.stopRequested() ? 1 : 0)) {
            slowest = Math.max(slowest, ofProcess[0]);
            if (ofProcess[1] != 0) {
                throw StageFailure.interrupted("stopped, as its time is over; --minutes sets another");
            }
        }
        return slowest;
    }

    private void report(String name, int number, double seconds) {
        long now = System.nanoTime();
        if (member.world().writes() && now - reported > BETWEEN_REPORTS_NANOS) {
            reported = now;
            BenchMain.printProgress(
                    name + " " + (number + 1) + " of " + (warmup + timed) + ", " + BenchReport.format(seconds) + " s");
        }
    }

    /** First timed repetition. */
    int warmup() {
        return warmup;
    }

    /** Number of all repetitions. */
    int count() {
        return warmup + timed;
    }
}
