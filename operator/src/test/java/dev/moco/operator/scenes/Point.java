package dev.moco.operator.scenes;

import java.util.function.Predicate;

/** A point of an experiment's life at which an operator may die: at a write, before or after it is applied. */
enum Point {
    BEFORE_THE_FIRST_JOB_IS_CREATED(write -> write.createsJobOf("prepare"), false),
    AFTER_THE_FIRST_JOB_IS_CREATED(write -> write.createsJobOf("prepare"), true),
    BEFORE_THE_FIRST_STATUS_IS_WRITTEN(Write::writesStatus, false),
    AFTER_THE_FIRST_STATUS_IS_WRITTEN(Write::writesStatus, true),
    BEFORE_PRETRAINING_IS_CREATED(write -> write.createsJobOf("pretrain"), false),
    AFTER_PRETRAINING_IS_CREATED_AND_NOT_TOLD(write -> write.createsJobOf("pretrain"), true),
    WHILE_PRETRAINING_RUNS(write -> write.tells("pretrain", "Running"), true),
    AFTER_PRETRAINING_HAS_COMMITTED_AND_NOT_TOLD(write -> write.tells("pretrain", "Succeeded"), false),
    BETWEEN_THE_COMMIT_AND_THE_NEXT_JOB(write -> write.createsJobOf("linear"), false),
    AFTER_DETECTION_IS_CREATED(write -> write.createsJobOf("detect"), true),
    BEFORE_THE_END_IS_TOLD(Write::tellsTheEnd, false),
    AFTER_THE_END_IS_TOLD(Write::tellsTheEnd, true);

    private final Predicate<Write> write;
    private final boolean applied;

    Point(Predicate<Write> write, boolean applied) {
        this.write = write;
        this.applied = applied;
    }

    boolean is(Write asked) {
        return write.test(asked);
    }

    /** The connection ends, and so does whoever asked. */
    ApiProxy.Fault fault(Runnable death) {
        return new ApiProxy.Fault(applied, 0, death);
    }
}
