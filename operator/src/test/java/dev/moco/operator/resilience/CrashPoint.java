package dev.moco.operator.resilience;

import dev.moco.localcluster.ApiProxy.Fault;

/** A write at which an operator dies, before or after the write is applied. */
enum CrashPoint {
    BEFORE_THE_FIRST_JOB_IS_CREATED(false),
    AFTER_THE_FIRST_JOB_IS_CREATED(true),
    BEFORE_THE_FIRST_STATUS_IS_WRITTEN(false),
    AFTER_THE_FIRST_STATUS_IS_WRITTEN(true),
    BEFORE_PRETRAINING_IS_CREATED(false),
    AFTER_PRETRAINING_IS_CREATED_AND_NOT_REPORTED(true),
    WHILE_PRETRAINING_RUNS(true),
    AFTER_PRETRAINING_HAS_COMMITTED_AND_NOT_REPORTED(false),
    BETWEEN_THE_COMMIT_AND_THE_NEXT_JOB(false),
    AFTER_DETECTION_IS_CREATED(true),
    BEFORE_THE_END_IS_REPORTED(false),
    AFTER_THE_END_IS_REPORTED(true);

    private final boolean applied;

    CrashPoint(boolean applied) {
        this.applied = applied;
    }

    boolean matches(OperatorWrite write) {
        return switch (this) {
            case BEFORE_THE_FIRST_JOB_IS_CREATED, AFTER_THE_FIRST_JOB_IS_CREATED -> write.createsJobOf("prepare");
            case BEFORE_THE_FIRST_STATUS_IS_WRITTEN, AFTER_THE_FIRST_STATUS_IS_WRITTEN -> write.writesStatus();
            case BEFORE_PRETRAINING_IS_CREATED, AFTER_PRETRAINING_IS_CREATED_AND_NOT_REPORTED ->
                write.createsJobOf("pretrain");
            case WHILE_PRETRAINING_RUNS -> write.reports("pretrain", "Running");
            case AFTER_PRETRAINING_HAS_COMMITTED_AND_NOT_REPORTED -> write.reports("pretrain", "Succeeded");
            case BETWEEN_THE_COMMIT_AND_THE_NEXT_JOB -> write.createsJobOf("linear");
            case AFTER_DETECTION_IS_CREATED -> write.createsJobOf("detect");
            case BEFORE_THE_END_IS_REPORTED, AFTER_THE_END_IS_REPORTED -> write.reportsTheEnd();
        };
    }

    /** Cuts the connection and kills the operator. */
    Fault fault(Runnable death) {
        return new Fault(applied, 0, death);
    }
}
