package dev.moco.training.stage;

import dev.moco.contract.StageConfig;
import java.io.IOException;

/** The work of one stage: reads inputs, saves checkpoints, returns what is to be committed. */
public interface StageProgram<C extends StageConfig> {
    /**
     * Runs from the newest checkpoint to the end.
     *
     * @throws dev.moco.contract.StageFailure for every failure whose cause is known; {@code interrupted} after a
     *     checkpoint when {@link StageContext#stopRequested()}
     */
    StageOutput run(C config, StageContext context) throws IOException, InterruptedException;
}
