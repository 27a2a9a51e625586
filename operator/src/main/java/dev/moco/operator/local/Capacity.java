package dev.moco.operator.local;

import dev.moco.contract.Stage;

/**
 * How the machine's cores are shared. A task's threads depend on the machine and the task alone, never on what else
 * runs: a resumed stage must sum in the same order as before.
 */
public record Cores(int total) {
    /** Cores that a stage is given: pre-training takes the machine; the others leave room for one beside them. */
    public int threads(Stage stage) {
        return switch (stage) {
            case PREPARE, PRETRAIN -> total;
            case LINEAR, DETECT -> Math.max(1, total / 2);
        };
    }

    /** Whether a stage may start beside those that hold {@code busy} cores. */
    public boolean fits(Stage stage, int busy) {
        return busy == 0 || busy + threads(stage) <= total;
    }
}
