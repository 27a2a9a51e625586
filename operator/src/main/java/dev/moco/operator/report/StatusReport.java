package dev.moco.operator.report;

import dev.moco.contract.Progress;
import dev.moco.contract.StageResult.Classified;
import dev.moco.contract.StageResult.Detected;
import dev.moco.contract.StageResult.Precisions;
import dev.moco.contract.StageResult.Pretrained;
import dev.moco.operator.crd.MoCoExperimentStatus;
import dev.moco.operator.crd.MoCoExperimentStatus.Condition;
import dev.moco.operator.crd.MoCoExperimentStatus.Result;
import dev.moco.operator.crd.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.crd.MoCoExperimentStatus.Summary;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.PlannedTask.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** The status of an experiment, as the cluster holds it. */
public final class StatusReport {
    /** Of a message in JSON: 20 trials that failed at length still leave the status below 16 KiB. */
    private static final int MESSAGE_BYTES = 512;

    private StatusReport() {}

    /**
     * Status of what was decided.
     *
     * @param progress of running tasks, by name
     */
    public static MoCoExperimentStatus of(Decision decision, ReportInput input, Map<String, Progress> progress) {
        return new MoCoExperimentStatus(
                null,
                conditions(decision, input),
                decision.tasks().stream().map(StatusReport::stage).toList(),
                summary(decision, input, progress),
                ResultRow.of(input).stream()
                        .map(row -> new Result(
                                row.metric(), row.value(), row.untrained(), row.gain(), row.paper(), row.difference()))
                        .toList(),
                MarkdownReport.results(input),
                null,
                List.of(),
                null,
                null,
                null,
                null);
    }

    private static StageStatus stage(PlannedTask task) {
        return new StageStatus(
                task.task().name(),
                task.task().stage().id(),
                word(task.state()),
                cut(task.reason()),
                task.key().map(key -> key.substring(0, 12)).orElse(null),
                task.manifest()
                        .map(manifest -> manifest.digest().substring(0, 12))
                        .orElse(null),
                null,
                null,
                null,
                null,
                0,
                0,
                null,
                null);
    }

    private static String word(State state) {
        return switch (state) {
            case DONE -> "Succeeded";
            case BLOCKED -> "Blocked";
            case READY -> "Ready";
            case RUNNING -> "Running";
            case WAITING -> "Waiting";
            case FAILED -> "Failed";
        };
    }

    private static List<Condition> conditions(Decision decision, ReportInput input) {
        Optional<PlannedTask> failure = decision.tasks().stream()
                .filter(task -> task.state() == State.FAILED)
                .findFirst();
        String why = failure.map(task -> cut(task.task().name() + ": " + task.reason()))
                .orElse("");
        boolean done = decision.succeeded();
        boolean ended = decision.finished();
        String unended = decision.tasks().stream()
                .filter(task -> !task.state().terminal())
                .map(task -> task.task().name())
                .collect(Collectors.joining(", "));
        List<Condition> conditions = new ArrayList<>();
        conditions.add(
                done
                        ? condition("Ready", "True", "Succeeded", "every stage is committed")
                        : condition("Ready", "False", ended ? "StageFailed" : "InProgress", ended ? why : unended));
        conditions.add(
                ended
                        ? condition("Reconciling", "False", "Ended", "")
                        : condition("Reconciling", "True", "InProgress", unended));
        conditions.add(
                ended && !done
                        ? condition("Stalled", "True", "StageFailed", why)
                        : condition("Stalled", "False", "NoFailure", ""));
        conditions.add(condition(
                "Succeeded",
                done ? "True" : ended ? "False" : "Unknown",
                done ? "Succeeded" : ended ? "StageFailed" : "InProgress",
                why));
        conditions.add(reproduced(decision, input));
        return conditions;
    }

    private static Condition condition(String type, String status, String reason, String message) {
        return new Condition(type, status, reason, message, null, null);
    }

    /** Whether every figure that the paper has is within the published spread. */
    private static Condition reproduced(Decision decision, ReportInput input) {
        Optional<PaperRow> row = PaperTables.rowOf(input.experiment());
        if (row.isEmpty()) {
            return condition("Reproduced", "Unknown", "NoRowOfThePaper", "the configuration is no row of the paper");
        }
        List<String> outside = new ArrayList<>();
        boolean any = false;
        for (ResultRow result : ResultRow.of(input)) {
            if (!result.difference().isEmpty()) {
                any = true;
                double band = result.metric().startsWith("VOC")
                        ? PaperRow.VOC_BAND
                        : row.get().top1Band();
                if (Math.abs(Double.parseDouble(result.difference())) > band + 1e-9) {
                    outside.add(result.metric() + " " + result.difference());
                }
            }
        }
        if (!any) {
            return condition(
                    "Reproduced", "Unknown", "NoResultYet", "row " + row.get().name());
        }
        // A mean over some of the trials, or the probe alone, is not what the paper has.
        if (!decision.succeeded()) {
            return condition(
                    "Reproduced",
                    "Unknown",
                    "NotEveryResult",
                    "row " + row.get().name());
        }
        return outside.isEmpty()
                ? condition(
                        "Reproduced",
                        "True",
                        "WithinPublishedSpread",
                        "row " + row.get().name())
                : condition("Reproduced", "False", "OutsidePublishedSpread", String.join(", ", outside));
    }

    private static Summary summary(Decision decision, ReportInput input, Map<String, Progress> progress) {
        Optional<PlannedTask> current = decision.tasks().stream()
                .filter(task -> task.state() == State.RUNNING)
                .findFirst()
                .or(() -> decision.tasks().stream()
                        .filter(task -> task.state() != State.DONE)
                        .findFirst());
        Optional<Progress> now = current.map(task -> progress.get(task.task().name()));
        long done = decision.tasks().stream()
                .filter(task -> task.state() == State.DONE)
                .count();
        List<Detected> trials = input.trials().stream()
                .flatMap(run -> ResultRow.result(Optional.of(run), Detected.class).stream())
                .toList();
        double gpuSeconds = input.runs().stream()
                .mapToDouble(run -> run.manifest().provenance().gpuSeconds())
                .sum();
        return new Summary(
                decision.succeeded()
                        ? "Succeeded"
                        : current.map(task -> task.task().name()).orElse(""),
                now.filter(p -> p.steps() > 0)
                        .map(p -> 100 * p.step() / p.steps() + "%")
                        .orElse(done + "/" + decision.tasks().size()),
                now.map(Progress::etaSeconds).map(StatusReport::eta).orElse(""),
                ResultRow.result(input.linear(), Classified.class)
                        .map(probe -> Spread.one(probe.bestTop1()))
                        .orElse(""),
                mean(trials, Precisions::ap50),
                mean(trials, Precisions::ap),
                mean(trials, Precisions::ap75),
                ResultRow.result(input.pretrain(), Pretrained.class)
                        .map(pretrained -> String.format(Locale.ROOT, "%.3f", pretrained.loss()))
                        .orElse(""),
                now.map(Progress::imagesPerSecond)
                        .map(rate -> String.format(Locale.ROOT, "%.0f", rate))
                        .orElse(""),
                gpuSeconds == 0 ? "" : Spread.one(gpuSeconds / 3600),
                ResultRow.of(input).stream()
                        .map(ResultRow::difference)
                        .filter(difference -> !difference.isEmpty())
                        .findFirst()
                        .orElse(""),
                decision.succeeded() ? "True" : "False",
                cut(decision.tasks().stream()
                        .filter(task -> task.state() == State.FAILED)
                        .map(PlannedTask::reason)
                        .findFirst()
                        .orElse("")));
    }

    private static String mean(List<Detected> trials, ToDoubleFunction<Precisions> figure) {
        return trials.isEmpty()
                ? ""
                : Spread.of(trials.stream()
                                .map(trial -> figure.applyAsDouble(trial.voc07()))
                                .toList())
                        .text();
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

    private static String cut(String text) {
        int bytes = 0;
        int end = 0;
        for (int i = 0; i < text.length(); i++) {
            bytes += bytesInJson(text.charAt(i));
            if (bytes > MESSAGE_BYTES) {
                return text.substring(0, end) + "…";
            }
            if (bytes <= MESSAGE_BYTES - 3 && !Character.isHighSurrogate(text.charAt(i))) {
                end = i + 1;
            }
        }
        return text;
    }

    private static int bytesInJson(char letter) {
        if (letter < ' ') {
            return 6;
        }
        if (letter < 0x80) {
            return letter == '"' || letter == '\\' ? 2 : 1;
        }
        return letter < 0x800 || Character.isSurrogate(letter) ? 2 : 3;
    }
}
