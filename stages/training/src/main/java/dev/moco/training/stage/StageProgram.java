package dev.moco.training.stage;

import dev.moco.contract.StageConfig;
import java.io.IOException;

/** Program of one stage: reads inputs, saves checkpoints, and returns the files to commit. */
public interface StageProgram<C extends StageConfig> {
    /**
     * Runs from the newest checkpoint to the end.
     *
     * @throws dev.moco.contract.StageFailure for each failure with a known cause; {@code interrupted} after the
     *     checkpoint that follows {@link StageContext#stopRequested()}
     */
    StageOutput run(C config, StageContext context) throws IOException, InterruptedException;
}
