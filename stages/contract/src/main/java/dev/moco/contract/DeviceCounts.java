package dev.moco.contract;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Numbers of devices that can share ranks, each with as many: those that divide the ranks, up to {@link #MOST}. For linear
 * classification the same holds of the images of a batch.
 */
public final class DeviceCounts {
    /** Most devices of a stage. */
    public static final int MOST = 64;

    private DeviceCounts() {}

    /** The numbers that can share ranks, ascending from 1. */
    public static List<Integer> of(int ranks) {
        return IntStream.rangeClosed(1, Math.min(ranks, MOST))
                .filter(devices -> ranks % devices == 0)
                .boxed()
                .toList();
    }

    /** Fails with bad configuration unless a number of devices is one of these. */
    public static void require(int ranks, int devices) {
        if (!of(ranks).contains(devices)) {
            throw StageFailure.badConfig("the number of devices must divide the number of ranks, found " + devices
                    + " devices with " + ranks + " ranks; possible are "
                    + of(ranks).stream().map(String::valueOf).collect(Collectors.joining(", ")));
        }
    }

    /** The largest of these numbers that is not above the devices at hand; at least 1. */
    public static int most(int ranks, int atHand) {
        return of(ranks).stream().filter(devices -> devices <= atHand).reduce(1, Math::max);
    }
}
