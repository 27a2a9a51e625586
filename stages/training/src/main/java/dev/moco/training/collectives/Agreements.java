package dev.moco.training.collectives;

import dev.moco.contract.StageFailure;
import java.util.Arrays;

/** Decisions that all processes of a stage make alike, from what each of them knows. */
public final class Agreements {
    private Agreements() {}

    /** Returns for each of a few flags whether any process has set it. */
    public static boolean[] any(Collectives collectives, boolean... mine) {
        double[] numbers = new double[mine.length];
        for (int i = 0; i < mine.length; i++) {
            numbers[i] = mine[i] ? 1 : 0;
        }
        boolean[] any = new boolean[mine.length];
        for (double[] ofProcess : collectives.agree(numbers)) {
            for (int i = 0; i < any.length; i++) {
                any[i] |= ofProcess[i] != 0;
            }
        }
        return any;
    }

    /** Fails unless all processes begin at the same step: one may have found the checkpoint damaged, or none yet. */
    public static void requireSameStep(Collectives collectives, long step) {
        double[][] steps = collectives.agree((double) step);
        for (double[] ofProcess : steps) {
            if (ofProcess[0] != step) {
                throw StageFailure.fault("the processes of the stage have read checkpoints of different steps: "
                        + Arrays.deepToString(steps));
            }
        }
    }
}
