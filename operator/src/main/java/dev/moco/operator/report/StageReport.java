package dev.moco.operator.report;

import dev.moco.contract.Progress;
import dev.moco.operator.api.MoCoExperimentStatus.StageProgress;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The stages of a status. */
final class StageReport {
    private static final int LONGEST_REASON = 512;
    /** Of all stages together, in JSON: 20 trials that failed at length leave the status below 16 KiB. */
    private static final int ALL_REASONS = 4800;

    private StageReport() {}

    /** Stages of a driver without a cluster. */
    static List<StageStatus> of(Decision decision, Map<String, Progress> progress) {
        return decision.tasks().stream()
                .map(task -> stage(
                        task,
                        StageState.of(task, Optional.empty(), false, false),
                        Optional.empty(),
                        Optional.ofNullable(progress.get(task.task().name())),
                        Optional.empty(),
                        reasonBytes(decision.tasks().size())))
                .toList();
    }

    /** Stages in a cluster. */
    static List<StageStatus> of(Decision decision, StatusInput seen) {
        return decision.tasks().stream()
                .map(task -> stage(
                        task,
                        StageState.of(
                                task,
                                seen.run(task.task().name()),
                                seen.policy().suspend(),
                                seen.policy().cancel()),
                        seen.run(task.task().name()),
                        Optional.ofNullable(seen.progress().get(task.task().name())),
                        before(task, seen),
                        reasonBytes(decision.tasks().size())))
                .toList();
    }

    static int reasonBytes(int stages) {
        return Math.min(LONGEST_REASON, ALL_REASONS / Math.max(1, stages));
    }

    private static Optional<StageStatus> before(PlannedTask task, StatusInput seen) {
        return seen.before().stream()
                .flatMap(status -> status.stages().stream())
                .filter(stage -> stage.name().equals(task.task().name()))
                .findFirst();
    }

    private static StageStatus stage(
            PlannedTask task,
            StageState state,
            Optional<TaskRun> run,
            Optional<Progress> progress,
            Optional<StageStatus> before,
            int reasonBytes) {
        boolean works = state == StageState.RUNNING || state == StageState.STOPPING;
        return new StageStatus(
                task.task().name(),
                task.task().stage().id(),
                state.word(),
                StatusText.cut(reason(task, state, run), reasonBytes),
                task.key().map(StageReport::digits).orElse(null),
                task.manifest().map(manifest -> digits(manifest.digest())).orElse(null),
                run.map(TaskRun::job).orElse(null),
                run.map(TaskRun::pod).orElse(null),
                run.map(TaskRun::started).map(StageReport::time).orElse(null),
                run.map(TaskRun::ended).map(StageReport::time).orElse(null),
                run.map(TaskRun::infraFailures).orElse(0),
                run.map(TaskRun::userFailures).orElse(0),
                works ? progress.map(StageReport::progress).orElse(null) : null,
                state == StageState.SUCCEEDED
                        ? null
                        : progress.map(Progress::checkpointStep)
                                .or(() -> before.map(StageStatus::checkpointStep))
                                .orElse(null));
    }

    private static String digits(String hash) {
        return hash.substring(0, 12);
    }

    private static String reason(PlannedTask task, StageState state, Optional<TaskRun> run) {
        @Nullable String note = run.map(TaskRun::note).orElse(null);
        return switch (state) {
            case PENDING, RUNNING, STOPPING -> note == null ? task.reason() : note;
            case SUSPENDED -> "spec.suspend is set; it goes on from its checkpoint once that is false";
            case CANCELED -> "spec.cancel is set";
            case BLOCKED, READY, WAITING, SUCCEEDED, FAILED -> task.reason();
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
