package dev.moco.operator.report;

import dev.moco.contract.Progress;
import dev.moco.operator.api.MoCoExperimentStatus.StageProgress;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The stages of a status. */
final class StageReport {
    private static final int LONGEST_REASON = 512;
    /** Bytes of all stages together, in JSON: 20 trials that failed at length leave the status below 16 KiB. */
    private static final int ALL_REASONS = 4800;

    private StageReport() {}

    /** Stages of a driver without a cluster. */
    static List<StageStatus> of(Decision decision, Map<String, Progress> progress) {
        return decision.tasks().stream()
                .map(task -> stage(
                        task,
                        task.state(),
                        TaskRun.NONE,
                        Optional.ofNullable(progress.get(task.task().name())),
                        Optional.empty(),
                        reasonBytes(decision.tasks().size())))
                .toList();
    }

    /** Stages in a cluster. */
    static List<StageStatus> of(Decision decision, StatusInput input) {
        return decision.tasks().stream()
                .map(task -> stage(
                        task,
                        state(task, input.policy().suspend(), input.policy().cancel()),
                        input.run(task.task().name()),
                        Optional.ofNullable(input.progress().get(task.task().name())),
                        before(task, input),
                        reasonBytes(decision.tasks().size())))
                .toList();
    }

    /** State of a planned task, after suspension and cancellation. */
    private static TaskState state(PlannedTask task, boolean suspended, boolean canceled) {
        if (task.state().terminal() || task.state() == TaskState.STOPPING) {
            return task.state();
        } else if (canceled) {
            return TaskState.CANCELED;
        }
        boolean held = task.state() == TaskState.READY
                || task.state() == TaskState.WAITING
                || task.state() == TaskState.PENDING;
        return suspended && held ? TaskState.SUSPENDED : task.state();
    }

    static int reasonBytes(int stages) {
        return Math.min(LONGEST_REASON, ALL_REASONS / Math.max(1, stages));
    }

    private static Optional<StageStatus> before(PlannedTask task, StatusInput input) {
        return input.before().stream()
                .flatMap(status -> status.stages().stream())
                .filter(stage -> stage.name().equals(task.task().name()))
                .findFirst();
    }

    private static StageStatus stage(
            PlannedTask task,
            TaskState state,
            TaskRun run,
            Optional<Progress> progress,
            Optional<StageStatus> before,
            int reasonBytes) {
        boolean works = state == TaskState.RUNNING || state == TaskState.STOPPING;
        return new StageStatus(
                task.task().name(),
                task.task().stage().id(),
                state.text(),
                StatusText.of(reason(task, state), reasonBytes),
                task.key().map(StageReport::digits).orElse(null),
                task.manifest().map(manifest -> digits(manifest.digest())).orElse(null),
                run.job(),
                run.pod(),
                Optional.ofNullable(run.started()).map(StageReport::time).orElse(null),
                Optional.ofNullable(run.ended()).map(StageReport::time).orElse(null),
                run.infraFailures(),
                run.userFailures(),
                works ? progress.map(StageReport::progress).orElse(null) : null,
                state == TaskState.SUCCEEDED
                        ? null
                        : progress.map(Progress::checkpointStep)
                                .or(() -> before.map(StageStatus::checkpointStep))
                                .orElse(null));
    }

    private static String digits(String hash) {
        return hash.substring(0, 12);
    }

    private static String reason(PlannedTask task, TaskState state) {
        return switch (state) {
            case SUSPENDED -> "spec.suspend is set; it continues from its checkpoint once that is false";
            case CANCELED -> "spec.cancel is set";
            case BLOCKED, READY, PENDING, RUNNING, STOPPING, WAITING, SUCCEEDED, FAILED -> task.reason();
        };
    }

    static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static StageProgress progress(Progress now) {
        Double rate = now.imagesPerSecond();
        Double wait = now.dataWaitShare();
        Double loss = now.loss();
        Double eta = now.etaSeconds();
        return new StageProgress(
                now.epoch(),
                now.epochs(),
                now.step(),
                now.steps(),
                percent(now),
                rate == null ? null : Math.round(rate),
                wait == null ? null : (int) Math.round(100 * wait),
                loss == null ? null : String.format(Locale.ROOT, "%.3f", loss),
                eta == null ? null : Math.round(eta),
                time(now.updated()));
    }

    static int percent(Progress now) {
        return now.steps() > 0 ? (int) (100 * now.step() / now.steps()) : 0;
    }
}
