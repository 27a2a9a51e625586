package dev.moco.operator.report;

import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How an experiment stands as a whole.
 *
 * @param kind in a word
 * @param why in words
 */
record Outcome(Kind kind, String why) {
    private static final int WHY_BYTES = 300;

    /** How it stands; names are the reasons of conditions. */
    enum Kind {
        SUCCEEDED("Succeeded"),
        FAILED("StageFailed"),
        CANCELED("Canceled"),
        INVALID("InvalidSpec"),
        UNREACHABLE("StorageUnreachable"),
        SUSPENDED("Suspended"),
        WORKS("InProgress");

        final String reason;

        Kind(String reason) {
            this.reason = reason;
        }
    }

    Outcome {
        why = StatusText.cut(why, WHY_BYTES);
    }

    /** Of stages that are known well enough to end on. */
    static Outcome of(List<StageStatus> stages, boolean canceled, boolean suspended, Optional<String> storageProblem) {
        if (stages.stream().allMatch(StageState.SUCCEEDED::of)) {
            return new Outcome(Kind.SUCCEEDED, "every stage is committed");
        } else if (canceled) {
            return new Outcome(Kind.CANCELED, "spec.cancel is set");
        } else if (stages.stream().allMatch(stage -> StageState.SUCCEEDED.of(stage) || StageState.FAILED.of(stage))) {
            return new Outcome(
                    Kind.FAILED,
                    stages.stream()
                            .filter(StageState.FAILED::of)
                            .findFirst()
                            .map(stage -> stage.name() + ": " + stage.reason())
                            .orElse(""));
        }
        return unended(stages, suspended, storageProblem);
    }

    /** Of stages that may be other than they seem, as looks at the store are missing. */
    static Outcome unended(List<StageStatus> stages, boolean suspended, Optional<String> storageProblem) {
        if (storageProblem.isPresent()) {
            return new Outcome(Kind.UNREACHABLE, storageProblem.get());
        } else if (suspended) {
            return new Outcome(Kind.SUSPENDED, "spec.suspend is set; stages go on from their checkpoints afterwards");
        }
        return new Outcome(
                Kind.WORKS,
                stages.stream()
                        .filter(stage -> !StageState.settled(stage))
                        .map(StageStatus::name)
                        .collect(Collectors.joining(", ")));
    }

    boolean succeeded() {
        return kind == Kind.SUCCEEDED;
    }

    boolean ended() {
        return kind == Kind.SUCCEEDED || kind == Kind.FAILED || kind == Kind.CANCELED;
    }

    boolean works() {
        return kind == Kind.WORKS;
    }

    /** Whether somebody has to do something. */
    boolean stalled() {
        return switch (kind) {
            case FAILED, CANCELED, INVALID, UNREACHABLE -> true;
            case SUCCEEDED, SUSPENDED, WORKS -> false;
        };
    }
}
