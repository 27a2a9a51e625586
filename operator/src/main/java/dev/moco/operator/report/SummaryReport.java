package dev.moco.operator.report;

import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainMethod;
import dev.moco.contract.Progress;
import dev.moco.contract.StageResult.AveragePrecision;
import dev.moco.contract.StageResult.Classified;
import dev.moco.contract.StageResult.Detected;
import dev.moco.contract.StageResult.Pretrained;
import dev.moco.operator.api.ConditionStatus;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Summary;
import dev.moco.operator.plan.TaskState;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** The columns of {@code kubectl get}. */
final class SummaryReport {
    private SummaryReport() {}

    /**
     * Columns.
     *
     * @param stages of the same status
     * @param progress of running tasks, by name
     * @param reason reason of a standstill; empty takes that of the stages
     */
    static Summary of(ReportInput input, List<StageStatus> stages, Map<String, Progress> progress, String reason) {
        boolean succeeded = stages.stream().allMatch(stage -> TaskState.SUCCEEDED.is(stage.state()));
        Optional<StageStatus> current = first(stages, TaskState.RUNNING)
                .or(() -> first(stages, TaskState.PENDING))
                .or(() -> stages.stream()
                        .filter(stage -> !TaskState.SUCCEEDED.is(stage.state()))
                        .findFirst());
        // Of a stage that has ended, the last progress may have been read or not.
        Optional<Progress> now =
                current.filter(stage -> !TaskState.isTerminal(stage.state())).map(stage -> progress.get(stage.name()));
        // A stage without a running pod keeps its progress, but has no known end.
        Optional<Progress> moves =
                current.filter(stage -> stage.progress() != null).flatMap(stage -> now);
        long done = stages.stream()
                .filter(stage -> TaskState.SUCCEEDED.is(stage.state()))
                .count();
        List<Detected> trials =
                input.trials().stream().map(ReportInput.Trial::result).toList();
        return new Summary(
                succeeded
                        ? TaskState.SUCCEEDED.text()
                        : current.map(StageStatus::name).orElse(""),
                now.filter(p -> p.steps() > 0)
                        .map(p -> StageReport.percent(p) + "%")
                        .orElse(done + "/" + stages.size()),
                moves.map(Progress::etaSeconds).map(StatusReport::eta).orElse(""),
                ResultRow.result(input.linear(), Classified.class)
                        .map(probe -> Spread.one(probe.bestTop1()))
                        .orElse(""),
                mean(trials, AveragePrecision::ap50),
                mean(trials, AveragePrecision::ap),
                mean(trials, AveragePrecision::ap75),
                input.experiment()
                        .pretrain()
                        .map(PretrainConfig::method)
                        .filter(method -> !(method instanceof PretrainMethod.MoCo))
                        .map(PretrainMethod::title)
                        .orElse(""),
                ResultRow.result(input.pretrain(), Pretrained.class)
                        .map(Pretrained::loss)
                        .or(() -> now.map(Progress::loss))
                        .map(loss -> String.format(Locale.ROOT, "%.3f", loss))
                        .orElse(""),
                moves.map(Progress::imagesPerSecond)
                        .map(rate -> String.format(Locale.ROOT, "%.0f", rate))
                        .orElse(""),
                gpuHours(input),
                ResultRow.of(input).stream()
                        .map(ResultRow::difference)
                        .filter(difference -> !difference.isEmpty())
                        .findFirst()
                        .orElse(""),
                succeeded ? ConditionStatus.TRUE : ConditionStatus.FALSE,
                reason(stages, reason));
    }

    /**
     * Reason of a standstill.
     *
     * @param reason that of the whole experiment; empty takes that of the first stage that has failed, or waits
     */
    static String reason(List<StageStatus> stages, String reason) {
        return !reason.isEmpty()
                ? reason
                : first(stages, TaskState.FAILED)
                        .map(StageStatus::reason)
                        .or(() -> stages.stream()
                                .filter(Transitions::waits)
                                .findFirst()
                                .map(stage -> stage.name() + ": " + stage.reason()))
                        .orElse("");
    }

    private static Optional<StageStatus> first(List<StageStatus> stages, TaskState state) {
        return stages.stream().filter(stage -> state.is(stage.state())).findFirst();
    }

    /** GPU-hours of all that is committed; empty if no accelerator took part. */
    static String gpuHours(ReportInput input) {
        double seconds = input.runs().stream()
                .mapToDouble(run -> run.manifest().provenance().gpuSeconds())
                .sum();
        return seconds == 0 ? "" : Spread.one(seconds / 3600);
    }

    private static String mean(List<Detected> trials, ToDoubleFunction<AveragePrecision> metric) {
        return trials.isEmpty()
                ? ""
                : Spread.of(trials.stream()
                                .map(trial -> metric.applyAsDouble(trial.voc07()))
                                .toList())
                        .text();
    }
}
