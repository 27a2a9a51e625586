package dev.moco.operator.report;

import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.PlannedTask.State;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** States of a stage as the status has them. */
public enum StageState {
    /** An input is not committed yet. */
    BLOCKED("Blocked"),
    /** May start. */
    READY("Ready"),
    /** Its Job is there, or being made; no pod of it runs. */
    PENDING("Pending"),
    RUNNING("Running"),
    /** Its Job is being deleted. */
    STOPPING("Stopping"),
    /** A retry is due later. */
    WAITING("Waiting"),
    /** Held back by {@code spec.suspend}. */
    SUSPENDED("Suspended"),
    /** Given up by {@code spec.cancel}. */
    CANCELED("Canceled"),
    SUCCEEDED("Succeeded"),
    FAILED("Failed");

    private final String word;

    StageState(String word) {
        this.word = word;
    }

    /** As the status has it. */
    public String word() {
        return word;
    }

    /** Whether a stage of a status is in this state. */
    public boolean of(StageStatus stage) {
        return word.equals(stage.state());
    }

    /** Whether nothing more happens to it. */
    static boolean settled(StageStatus stage) {
        return SUCCEEDED.of(stage) || FAILED.of(stage) || CANCELED.of(stage);
    }

    /** Of a planned task, as it shows in a cluster. */
    static StageState of(PlannedTask task, Optional<TaskRun> run, boolean suspended, boolean canceled) {
        if (task.state() == State.DONE) {
            return SUCCEEDED;
        } else if (task.state() == State.FAILED) {
            return FAILED;
        } else if (canceled) {
            // Whatever its Job does: the experiment has ended, and its status is not looked at again.
            return CANCELED;
        }
        @Nullable StageState shown = run.map(TaskRun::phase).map(StageState::of).orElse(null);
        if (shown == STOPPING) {
            return STOPPING;
        } else if (suspended && task.state() != State.BLOCKED && shown != RUNNING) {
            return SUSPENDED;
        }
        return switch (task.state()) {
            case BLOCKED -> BLOCKED;
            case WAITING -> WAITING;
            case READY -> shown == null ? READY : shown;
            case RUNNING, DONE, FAILED -> shown == null ? RUNNING : shown;
        };
    }

    private static @Nullable StageState of(TaskRun.Phase phase) {
        return switch (phase) {
            case NONE, ENDED -> null;
            case PENDING -> PENDING;
            case RUNNING -> RUNNING;
            case STOPPING -> STOPPING;
        };
    }
}
