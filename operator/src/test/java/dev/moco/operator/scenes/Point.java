package dev.moco.operator.scenes;

/** A point of an experiment's life at which an operator may die: at a write, before or after it is applied. */
enum Point {
    BEFORE_THE_FIRST_JOB_IS_CREATED(false),
    AFTER_THE_FIRST_JOB_IS_CREATED(true),
    BEFORE_THE_FIRST_STATUS_IS_WRITTEN(false),
    AFTER_THE_FIRST_STATUS_IS_WRITTEN(true),
    BEFORE_PRETRAINING_IS_CREATED(false),
    AFTER_PRETRAINING_IS_CREATED_AND_NOT_TOLD(true),
    WHILE_PRETRAINING_RUNS(true),
    AFTER_PRETRAINING_HAS_COMMITTED_AND_NOT_TOLD(false),
    BETWEEN_THE_COMMIT_AND_THE_NEXT_JOB(false),
    AFTER_DETECTION_IS_CREATED(true),
    BEFORE_THE_END_IS_TOLD(false),
    AFTER_THE_END_IS_TOLD(true);

    private final boolean applied;

    Point(boolean applied) {
        this.applied = applied;
    }

    boolean is(Write write) {
        return switch (this) {
            case BEFORE_THE_FIRST_JOB_IS_CREATED, AFTER_THE_FIRST_JOB_IS_CREATED -> write.createsJobOf("prepare");
            case BEFORE_THE_FIRST_STATUS_IS_WRITTEN, AFTER_THE_FIRST_STATUS_IS_WRITTEN -> write.writesStatus();
            case BEFORE_PRETRAINING_IS_CREATED, AFTER_PRETRAINING_IS_CREATED_AND_NOT_TOLD ->
                write.createsJobOf("pretrain");
            case WHILE_PRETRAINING_RUNS -> write.tells("pretrain", "Running");
            case AFTER_PRETRAINING_HAS_COMMITTED_AND_NOT_TOLD -> write.tells("pretrain", "Succeeded");
            case BETWEEN_THE_COMMIT_AND_THE_NEXT_JOB -> write.createsJobOf("linear");
            case AFTER_DETECTION_IS_CREATED -> write.createsJobOf("detect");
            case BEFORE_THE_END_IS_TOLD, AFTER_THE_END_IS_TOLD -> write.tellsTheEnd();
        };
    }

    /** The connection ends, and so does whoever asked. */
    ApiProxy.Fault fault(Runnable death) {
        return new ApiProxy.Fault(applied, 0, death);
    }
}
