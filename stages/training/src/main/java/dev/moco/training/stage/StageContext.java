package dev.moco.training.stage;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.artifacts.StoredParts;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.Progress;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** Inputs, checkpoints and progress of a running stage program. */
public interface StageContext {
    StageTask task();

    /** Opens the committed input of a role, after checking its digest against the task. */
    ArtifactReader input(String role) throws IOException;

    /** Local folder for temporary files, deleted at the end of the stage. */
    Path scratch();

    /** Restores the newest intact checkpoint to a local folder; damaged ones are logged and skipped. */
    Optional<Checkpoint> latestCheckpoint() throws IOException;

    /**
     * Restores the newest kept checkpoint of another finished run of this stage, with the same inputs, to a local folder;
     * empty if there is none.
     *
     * @param sharedSteps steps from the first that a run with another configuration has in common with this one; its later
     *     checkpoints are not taken
     */
    Optional<Checkpoint> checkpointOfAnother(ToLongFunction<StageConfig> sharedSteps) throws IOException;

    /** Returns whether the store's objects are on the disk of {@link #scratch}, as those of the embedded server are. */
    boolean storesOnThisDisk();

    /** Parts of the output that are stored before the stage commits. */
    StoredParts parts();

    /**
     * Writes the files of a step's checkpoint to a folder, to which the history so far is added; they are uploaded while
     * the program goes on. A checkpoint that still waits to be uploaded is replaced by this one. All but the newest two in
     * the store are deleted.
     */
    void saveCheckpoint(long step, CheckpointContent content) throws IOException;

    /**
     * Does the same with a checkpoint that is kept, also after the stage has ended. Waits while another one that is kept
     * waits for its upload.
     */
    void keepCheckpoint(long step, CheckpointContent content) throws IOException, InterruptedException;

    /**
     * Returns whether it is time for a checkpoint, which the program then saves after the current step.
     *
     * @throws dev.moco.contract.StageFailure if no checkpoint could be uploaded for ten minutes
     */
    boolean checkpointDue();

    /**
     * Returns whether the process shall stop; the program then saves a checkpoint and throws {@code
     * StageFailure.interrupted}.
     */
    boolean stopRequested();

    /** Reports the progress; cheap enough to be called at each step. */
    void progress(Progress progress);

    /** Adds a point to the history; when a stage resumes, its history is that of the checkpoint. */
    void history(HistoryPoint point);

    /** Writes the files of a checkpoint. */
    @FunctionalInterface
    interface CheckpointContent {
        void write(Path folder) throws IOException;
    }

    /** A restored checkpoint: its step, and the folder of its files. */
    record Checkpoint(long step, Path folder) {
        /** Returns the step after checking that it is within the stage's steps. */
        public long stepWithin(long steps) {
            if (step < 0 || step > steps) {
                throw StageFailure.badData(
                        "the checkpoint's step must be from 0 to the stage's last, " + steps + ", found " + step);
            }
            return step;
        }
    }
}
