package dev.moco.training.stage;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.Progress;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A stage program's view of the world. */
public interface StageContext {
    StageTask task();

    /** The committed input of a role, its manifest verified against the task. */
    ArtifactReader input(String role) throws IOException;

    /** An empty local folder of this process, deleted at its end. */
    Path scratch();

    /** The newest checkpoint that verifies, in a local folder; torn ones are reported and passed over. */
    Optional<Checkpoint> latestCheckpoint() throws IOException;

    /**
     * Commits every file of a folder as the checkpoint of a step, together with the history so far, then drops all
     * but the newest two.
     */
    void saveCheckpoint(long step, Path folder) throws IOException;

    /** Whether a checkpoint is due by time; the program then saves one at the next step boundary. */
    boolean checkpointDue();

    /** Whether the process was asked to stop: save a checkpoint, then throw {@code StageFailure.interrupted}. */
    boolean stopRequested();

    /** Reports where the stage is; cheap, may be called each step. */
    void progress(Progress progress);

    /** Adds a line to the history; on resume the history is cut back to the checkpoint's. */
    void history(HistoryPoint point);

    /** A restored checkpoint: the step it was saved at, and its files. */
    record Checkpoint(long step, Path folder) {
        /** The step, one of the stage's. */
        public long stepWithin(long steps) {
            if (step < 0 || step > steps) {
                throw StageFailure.badData(
                        "the checkpoint's step must be from 0 to the stage's last, " + steps + ", found " + step);
            }
            return step;
        }
    }
}
