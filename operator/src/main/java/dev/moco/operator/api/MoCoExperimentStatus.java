package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Status of a {@code MoCoExperiment}. Results are texts with fixed decimals, as columns show them, and numbers. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record MoCoExperimentStatus(
        @JsonPropertyDescription("Generation of the spec that this status is about.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription(
                "Ready is True once every stage is committed. Reconciling is True while work is in progress, Stalled when a"
                        + " person is needed. Succeeded is True or False once the experiment has ended. Reproduced says"
                        + " whether the results are within the paper's spread, DataLoaderBound whether a stage waits for"
                        + " data, StorageReachable whether S3 answers, Suspended whether suspend took effect.")
        List<Condition> conditions,

        @JsonPropertyDescription("The tasks of the plan, in the order of the data.")
        List<StageStatus> stages,

        @JsonPropertyDescription("The columns of kubectl get.")
        Summary summary,

        @JsonPropertyDescription("Results beside those of the untrained encoder and of the paper.")
        List<Result> results,

        @JsonPropertyDescription("The same as numbers, under names that do not change, for programs.")
        List<Metric> metrics,

        @JsonPropertyDescription("Rows of the paper's tables in Markdown, with this experiment's results.") @Nullable
        String report,

        @JsonPropertyDescription("Location of the HTML report with its curves, once the experiment has ended.")
        @Nullable
        String reportUri,

        @JsonPropertyDescription("Fingerprints of the raw data, as it was listed when the experiment began.")
        List<RawData> data,

        @JsonPropertyDescription("The spec.retryToken that was acted on last.") @Nullable
        String retryToken,

        @JsonPropertyDescription("Time at which the operator first saw the experiment, RFC 3339.") @Nullable
        String startTime,

        @JsonPropertyDescription("Time at which the experiment ended, RFC 3339.") @Nullable
        String completionTime,

        @JsonPropertyDescription("GPUs times hours of the committed stages, with one decimal.") @Nullable
        String gpuHours) {
    public MoCoExperimentStatus {
        conditions = copy(conditions);
        stages = copy(stages);
        summary = Objects.requireNonNullElse(summary, Summary.EMPTY);
        results = copy(results);
        metrics = copy(metrics);
        data = copy(data);
    }

    /** Returns this status with other conditions, about a generation of the spec. */
    public MoCoExperimentStatus withConditions(@Nullable Long newGeneration, List<Condition> newConditions) {
        return new MoCoExperimentStatus(
                newGeneration,
                newConditions,
                stages,
                summary,
                results,
                metrics,
                report,
                reportUri,
                data,
                retryToken,
                startTime,
                completionTime,
                gpuHours);
    }

    /** Returns this status with other stages. */
    public MoCoExperimentStatus withStages(List<StageStatus> newStages) {
        return new MoCoExperimentStatus(
                observedGeneration,
                conditions,
                newStages,
                summary,
                results,
                metrics,
                report,
                reportUri,
                data,
                retryToken,
                startTime,
                completionTime,
                gpuHours);
    }

    /** Returns this status with another summary. */
    public MoCoExperimentStatus withSummary(Summary newSummary) {
        return new MoCoExperimentStatus(
                observedGeneration,
                conditions,
                stages,
                newSummary,
                results,
                metrics,
                report,
                reportUri,
                data,
                retryToken,
                startTime,
                completionTime,
                gpuHours);
    }

    /** Returns this status with another end; null for none. */
    public MoCoExperimentStatus withEnd(@Nullable String newReportUri, @Nullable String newCompletionTime) {
        return new MoCoExperimentStatus(
                observedGeneration,
                conditions,
                stages,
                summary,
                results,
                metrics,
                report,
                newReportUri,
                data,
                retryToken,
                startTime,
                newCompletionTime,
                gpuHours);
    }

    /** Returns a copy; a list that the wire omits is empty. */
    private static <T> List<T> copy(@Nullable List<T> list) {
        return List.copyOf(Objects.requireNonNullElse(list, List.of()));
    }

    private static String text(@Nullable String text) {
        return Objects.requireNonNullElse(text, "");
    }

    /** Kubernetes' condition. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Condition(
            @JsonPropertyDescription("Name of the condition.") @Required
            String type,

            @JsonPropertyDescription("True, False or Unknown.") @Required
            String status,

            @JsonPropertyDescription("Reason, as one word for programs.")
            String reason,

            @JsonPropertyDescription("Reason, as a sentence for people.")
            String message,

            @JsonPropertyDescription("Time at which status last changed, RFC 3339.") @Nullable
            String lastTransitionTime,

            @JsonPropertyDescription("Generation of the spec that the condition is about.") @Nullable
            Long observedGeneration) {
        public Condition {
            reason = text(reason);
            message = text(message);
        }

        /** Returns this condition with another message. */
        public Condition withMessage(String newMessage) {
            return new Condition(type, status, reason, newMessage, lastTransitionTime, observedGeneration);
        }

        /** Returns this condition with the time of its last transition and the generation that it was found for. */
        public Condition dated(String newTransitionTime, long newGeneration) {
            return new Condition(type, status, reason, message, newTransitionTime, newGeneration);
        }
    }

    /** A task of the plan. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record StageStatus(
            @JsonPropertyDescription("The task, such as pretrain or detect-0.") @Required
            String name,

            @JsonPropertyDescription("The stage of the task.")
            String stage,

            @JsonPropertyDescription(
                    "Blocked by a stage before it, Ready, Pending, Running, Stopping, Waiting for its next try, Succeeded,"
                            + " Failed, Suspended or Canceled.")
            String state,

            @JsonPropertyDescription("Reason of the state, in words.")
            String reason,

            @JsonPropertyDescription("The first twelve digits of the key of its result in the store, once known.")
            @Nullable
            String key,

            @JsonPropertyDescription("The first twelve digits of the SHA-256 over its result files, once committed.")
            @Nullable
            String digest,

            @JsonPropertyDescription("Job that runs it, in the experiment's namespace unless reason says otherwise.")
            @Nullable
            String job,

            @JsonPropertyDescription("Its newest pod.") @Nullable
            String pod,

            @JsonPropertyDescription("Time at which its first pod started, RFC 3339.") @Nullable
            String startTime,

            @JsonPropertyDescription("Time at which it was committed or failed, RFC 3339.") @Nullable
            String completionTime,

            @JsonPropertyDescription(
                    "Pods lost to disruptions, which do not count against the retries. Absent while 0.")
            @JsonInclude(JsonInclude.Include.NON_DEFAULT)
            int infraFailures,

            @JsonPropertyDescription("Pods that failed, each of which counts against the retries. Absent while 0.")
            @JsonInclude(JsonInclude.Include.NON_DEFAULT)
            int userFailures,

            @JsonPropertyDescription("Progress, while it runs.") @Nullable
            StageProgress progress,

            @JsonPropertyDescription("Step of its newest checkpoint, from which it would resume.") @Nullable
            Long checkpointStep) {
        /** Returns this stage with another reason, and without its progress. */
        public StageStatus withoutProgress(String newReason) {
            return new StageStatus(
                    name,
                    stage,
                    state,
                    newReason,
                    key,
                    digest,
                    job,
                    pod,
                    startTime,
                    completionTime,
                    infraFailures,
                    userFailures,
                    null,
                    null);
        }
    }

    /** Progress of a running stage. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record StageProgress(
            @JsonPropertyDescription("Current epoch, counted from 0.")
            int epoch,

            @JsonPropertyDescription("Epochs in all.") int epochs,

            @JsonPropertyDescription("Steps done; images for prepare.")
            long step,

            @JsonPropertyDescription("Steps in all; 0 while unknown.")
            long steps,

            @JsonPropertyDescription("Steps done of all, in percent.")
            int percent,

            @JsonPropertyDescription("Images a second, over the last seconds.") @Nullable
            Long imagesPerSecond,

            @JsonPropertyDescription("Share of time spent waiting for data, in percent.") @Nullable
            Integer dataWaitPercent,

            @JsonPropertyDescription("Loss over the last seconds, as text.") @Nullable
            String loss,

            @JsonPropertyDescription("Seconds to the end of the stage.") @Nullable
            Long etaSeconds,

            @JsonPropertyDescription("Time at which the stage reported this, RFC 3339.") @Nullable
            String updated) {}

    /** Columns of kubectl get. A column without a value is an empty text, which the wire omits. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Summary(
            @JsonPropertyDescription("The task that runs or comes next, or the outcome of the experiment.")
            String stage,

            @JsonPropertyDescription(
                    "Progress of the running task in percent; while none runs, succeeded tasks of all tasks.")
            String progress,

            @JsonPropertyDescription("Time to the end of the running task.")
            String eta,

            @JsonPropertyDescription("Top-1 accuracy of linear classification, in percent.")
            String top1,

            @JsonPropertyDescription("AP50 of detection on VOC, mean and deviation of the trials.")
            String ap50,

            @JsonPropertyDescription("AP of detection on VOC, mean and deviation of the trials.")
            String ap,

            @JsonPropertyDescription("AP75 of detection on VOC, mean and deviation of the trials.")
            String ap75,

            @JsonPropertyDescription("Method of pre-training, where it is not MoCo.")
            String method,

            @JsonPropertyDescription("Loss of pre-training.")
            String loss,

            @JsonPropertyDescription("Images a second of the task that runs.")
            String imagesPerSecond,

            @JsonPropertyDescription("GPUs times hours of the committed stages, with one decimal.")
            String gpuHours,

            @JsonPropertyDescription("Difference from the paper's first result, in points.")
            String versusPaper,

            @JsonPropertyDescription("Status of condition Ready.")
            String ready,

            @JsonPropertyDescription("Reason for not being Ready, where something is wrong.")
            String reason) {
        /** Columns without values. */
        public static final Summary EMPTY = new Summary("", "", "", "", "", "", "", "", "", "", "", "", "", "");

        public Summary {
            stage = text(stage);
            progress = text(progress);
            eta = text(eta);
            top1 = text(top1);
            ap50 = text(ap50);
            ap = text(ap);
            ap75 = text(ap75);
            method = text(method);
            loss = text(loss);
            imagesPerSecond = text(imagesPerSecond);
            gpuHours = text(gpuHours);
            versusPaper = text(versusPaper);
            ready = text(ready);
            reason = text(reason);
        }

        /** Returns this summary with another reason for not being ready. */
        public Summary withReason(String newReady, String newReason) {
            return new Summary(
                    stage,
                    progress,
                    eta,
                    top1,
                    ap50,
                    ap,
                    ap75,
                    method,
                    loss,
                    imagesPerSecond,
                    gpuHours,
                    versusPaper,
                    newReady,
                    newReason);
        }
    }

    /** A result, in percent or with its unit. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Result(
            @JsonPropertyDescription("Name of the metric.") String metric,

            @JsonPropertyDescription("This experiment's result, in percent or with its unit.")
            String value,

            @JsonPropertyDescription("Result of the untrained encoder.")
            String untrained,

            @JsonPropertyDescription("Gain over the untrained encoder, in points.")
            String gain,

            @JsonPropertyDescription("Result of the paper.") String paper,

            @JsonPropertyDescription("Difference from the paper's, in points.")
            String difference) {
        public Result {
            metric = text(metric);
            value = text(value);
            untrained = text(untrained);
            gain = text(gain);
            paper = text(paper);
            difference = text(difference);
        }
    }

    /** A result as a number, rounded to four decimals. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Metric(
            @JsonPropertyDescription("Name that does not change, such as linear.top1.best.") @Required
            String name,

            @JsonPropertyDescription("This experiment's result; of several trials, their mean.")
            double value,

            @JsonPropertyDescription("Unit of all numbers of this metric; empty for a pure number.")
            String unit,

            @JsonPropertyDescription("Epoch of the result, counted from 0.") @Nullable
            Integer epoch,

            @JsonPropertyDescription("Sample standard deviation over the trials, where there are several.") @Nullable
            Double std,

            @JsonPropertyDescription("Number of trials, where it has trials.") @Nullable
            Integer trials,

            @JsonPropertyDescription("Result of the untrained encoder.") @Nullable
            Double untrained,

            @JsonPropertyDescription("Result of the paper, where it may be compared.") @Nullable
            Double paper) {
        private static final double DECIMALS = 1e4;

        public Metric {
            value = rounded(value);
            unit = text(unit);
            std = std == null ? null : (Double) rounded(std);
            untrained = untrained == null ? null : (Double) rounded(untrained);
        }

        /** A number alone. */
        public static Metric of(String name, double value, String unit) {
            return new Metric(name, value, unit, null, null, null, null, null);
        }

        private static double rounded(double value) {
            return Math.abs(value) < 1e12 ? Math.round(value * DECIMALS) / DECIMALS : value;
        }
    }

    /** Raw data as it was listed. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record RawData(
            @JsonPropertyDescription("The task that prepares it.") @Required
            String name,

            @JsonPropertyDescription("SHA-256 over its listing; changed data gives another key.")
            String fingerprint) {}
}
