package dev.moco.operator.report;

import dev.moco.contract.Progress;
import dev.moco.operator.api.ConditionStatus;
import dev.moco.operator.api.ConditionType;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import dev.moco.operator.api.MoCoExperimentStatus.RawData;
import dev.moco.operator.api.MoCoExperimentStatus.Result;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Summary;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The status of an experiment, as the cluster holds it. */
public final class StatusReport {
    private StatusReport() {}

    /**
     * Status of a decision, without a cluster.
     *
     * @param progress of running tasks, by name
     */
    public static MoCoExperimentStatus of(Decision decision, ReportInput input, Map<String, Progress> progress) {
        List<StageStatus> stages = StageReport.of(decision, progress);
        Outcome outcome = Outcome.of(stages, false, false, Optional.empty());
        List<Condition> conditions = new ArrayList<>(Conditions.of(outcome));
        conditions.add(Reproduced.of(input, outcome.succeeded()));
        return new MoCoExperimentStatus(
                null,
                conditions,
                stages,
                SummaryReport.of(input, stages, progress, ""),
                results(input),
                Metrics.ofStatus(input),
                rows(input),
                null,
                List.of(),
                null,
                null,
                null,
                gpuHours(input));
    }

    /** Status of a decision and observations in a cluster. */
    public static MoCoExperimentStatus of(Decision decision, ReportInput input, StatusInput observed) {
        List<StageStatus> stages = StageReport.of(decision, observed);
        boolean suspended =
                observed.policy().suspend() && stages.stream().noneMatch(stage -> TaskState.STOPPING.is(stage.state()));
        Outcome outcome = Outcome.of(stages, observed.policy().cancel(), suspended, observed.storageProblem());
        List<Condition> conditions = conditions(outcome, suspended, observed);
        conditions.add(Reproduced.of(input, outcome.succeeded()));
        conditions.add(DataLoading.of(stages, observed));
        String now = StageReport.time(observed.now());
        return new MoCoExperimentStatus(
                observed.generation(),
                Conditions.dated(conditions, observed.previous(), observed.generation(), observed.now()),
                stages,
                SummaryReport.of(input, stages, observed.progress(), reason(outcome)),
                results(input),
                Metrics.ofStatus(input),
                rows(input),
                outcome.ended() ? observed.reportUri().orElse(null) : null,
                observed.fingerprints().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(data -> new RawData(data.getKey(), data.getValue()))
                        .toList(),
                observed.policy().retryToken().orElse(null),
                observed.before().map(MoCoExperimentStatus::startTime).orElse(now),
                outcome.ended() ? now : null,
                gpuHours(input));
    }

    /**
     * The previous status with new conditions, while the store has not answered.
     *
     * @param runs true if a Job of the experiment has not ended
     */
    public static MoCoExperimentStatus unsettled(MoCoExperimentStatus previous, StatusInput observed, boolean runs) {
        // A stage that ran then may run still.
        boolean suspended = observed.policy().suspend()
                && !runs
                && previous.stages().stream()
                        .noneMatch(
                                stage -> TaskState.STOPPING.is(stage.state()) || TaskState.RUNNING.is(stage.state()));
        Outcome outcome = Outcome.unended(previous.stages(), suspended, observed.storageProblem());
        List<Condition> conditions = conditions(outcome, suspended, observed);
        String reason = SummaryReport.reason(previous.stages(), reason(outcome));
        return replaced(previous, observed.generation(), conditions, reason, observed.now());
    }

    /** Status of a spec that the reader or the operator refuses. */
    public static MoCoExperimentStatus invalid(
            @Nullable MoCoExperimentStatus previous, long generation, String problem, Instant now) {
        if (previous != null && succeeded(previous)) {
            return ended(previous, generation);
        }
        MoCoExperimentStatus before = previous == null ? empty() : previous;
        Outcome outcome = Outcome.invalid(problem);
        return replaced(before, generation, Conditions.of(outcome), outcome.message(), now);
    }

    /** True if every stage is committed. */
    public static boolean succeeded(MoCoExperimentStatus status) {
        return Conditions.isTrue(status, ConditionType.SUCCEEDED);
    }

    /** Status of an ended experiment whose spec has changed: only the generation is new. */
    public static MoCoExperimentStatus ended(MoCoExperimentStatus previous, long generation) {
        return replaced(previous, generation, List.of(), previous.summary().reason(), Instant.EPOCH);
    }

    /** A status with some conditions replaced, all of this generation. */
    private static MoCoExperimentStatus replaced(
            MoCoExperimentStatus before, long generation, List<Condition> conditions, String reason, Instant now) {
        List<Condition> all = new ArrayList<>(conditions);
        Set<String> types = Set.copyOf(conditions.stream().map(Condition::type).toList());
        before.conditions().stream().filter(is -> !types.contains(is.type())).forEach(all::add);
        boolean ended = ExperimentState.of(all).ended();
        String ready = before.summary().ready();
        return before.withConditions(generation, Conditions.dated(all, before, generation, now))
                .withSummary(before.summary().withReason(ready.isEmpty() ? ConditionStatus.FALSE : ready, reason))
                .withEnd(ended ? before.reportUri() : null, ended ? before.completionTime() : null);
    }

    private static MoCoExperimentStatus empty() {
        return new MoCoExperimentStatus(
                null,
                List.of(),
                List.of(),
                Summary.EMPTY,
                List.of(),
                List.of(),
                null,
                null,
                List.of(),
                null,
                null,
                null,
                null);
    }

    private static List<Condition> conditions(Outcome outcome, boolean suspended, StatusInput observed) {
        List<Condition> conditions = new ArrayList<>(Conditions.of(outcome));
        conditions.add(Conditions.suspended(observed.policy().suspend(), suspended));
        conditions.add(Conditions.storage(observed.storageProblem(), observed.storageQueried()));
        return conditions;
    }

    /** Reason for the column; empty if the stages' reasons suffice. */
    private static String reason(Outcome outcome) {
        return outcome.stalled() || outcome.state() == ExperimentState.SUSPENDED ? outcome.message() : "";
    }

    private static List<Result> results(ReportInput input) {
        return ResultRow.of(input).stream()
                .map(row -> new Result(
                        row.metric(), row.value(), row.untrained(), row.gain(), row.paper(), row.difference()))
                .toList();
    }

    /** Rows of the table; null if there are none, so that no header is printed alone. */
    private static @Nullable String rows(ReportInput input) {
        return ResultRow.of(input).isEmpty() ? null : MarkdownReport.results(input);
    }

    private static @Nullable String gpuHours(ReportInput input) {
        String hours = SummaryReport.gpuHours(input);
        return hours.isEmpty() ? null : hours;
    }

    /** {@code 53h00m}, {@code 1m05s} or {@code 9s}. */
    public static String eta(double seconds) {
        Duration left = Duration.ofSeconds(Math.round(seconds));
        if (left.toHours() > 0) {
            return String.format(Locale.ROOT, "%dh%02dm", left.toHours(), left.toMinutesPart());
        }
        return left.toMinutes() > 0
                ? String.format(Locale.ROOT, "%dm%02ds", left.toMinutes(), left.toSecondsPart())
                : left.toSeconds() + "s";
    }
}
