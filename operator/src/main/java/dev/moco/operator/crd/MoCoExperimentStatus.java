package dev.moco.operator.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Status of a {@code MoCoExperiment}. Figures are texts with fixed decimals, as columns show them; times are RFC 3339.
 *
 * @param observedGeneration generation of the spec that this status answers
 * @param conditions Ready, Reconciling and Stalled as kstatus has them; Succeeded; Reproduced; DataLoaderBound;
 *     StorageReachable; Suspended
 * @param stages where each task stands
 * @param summary the columns of {@code kubectl get}
 * @param results figures beside the untrained encoder's and the paper's
 * @param report rows of the report in Markdown
 * @param reportUri where the report with its curves lies
 * @param data fingerprints of the raw data
 * @param retryToken the token that was acted on
 * @param startTime when work began
 * @param completionTime when it ended
 * @param gpuHours accelerators times hours of what was committed
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record MoCoExperimentStatus(
        @Nullable Long observedGeneration,
        List<Condition> conditions,
        List<StageStatus> stages,
        Summary summary,
        List<Result> results,
        @Nullable String report,
        @Nullable String reportUri,
        List<RawData> data,
        @Nullable String retryToken,
        @Nullable String startTime,
        @Nullable String completionTime,
        @Nullable String gpuHours) {
    public MoCoExperimentStatus {
        conditions = copy(conditions);
        stages = copy(stages);
        summary = Objects.requireNonNullElse(summary, Summary.EMPTY);
        results = copy(results);
        data = copy(data);
    }

    /** A list that the wire left out is empty. */
    private static <T> List<T> copy(@Nullable List<T> list) {
        return List.copyOf(Objects.requireNonNullElse(list, List.of()));
    }

    /** Kubernetes' condition; {@code status} is True, False or Unknown. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Condition(
            String type,
            String status,
            String reason,
            String message,
            @Nullable String lastTransitionTime,
            @Nullable Long observedGeneration) {}

    /**
     * A task of the plan.
     *
     * @param name task, such as {@code pretrain} or {@code detect-0}
     * @param stage prepare, pretrain, linear or detect
     * @param state Blocked, Ready, Running, Waiting, Succeeded, Failed, ...
     * @param reason why, in words
     * @param key first twelve digits of the key of its result
     * @param digest first twelve digits of the digest of its manifest, once committed
     * @param job Job that runs it
     * @param pod newest pod
     * @param startTime when its first pod started
     * @param completionTime when it was committed or failed
     * @param infraFailures pods lost to the surroundings, which cost no retry
     * @param userFailures pods that failed by themselves
     * @param progress where it is, while it runs
     * @param checkpointStep step of its newest checkpoint
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record StageStatus(
            String name,
            String stage,
            String state,
            String reason,
            @Nullable String key,
            @Nullable String digest,
            @Nullable String job,
            @Nullable String pod,
            @Nullable String startTime,
            @Nullable String completionTime,
            int infraFailures,
            int userFailures,
            @Nullable StageProgress progress,
            @Nullable Long checkpointStep) {}

    /**
     * Where a running stage is.
     *
     * @param epoch current epoch, 0-based
     * @param epochs epochs in all
     * @param step steps done
     * @param steps steps in all; 0 while unknown
     * @param percent steps done of all
     * @param imagesPerSecond over the last seconds
     * @param dataWaitPercent share of time spent waiting for data
     * @param loss over the last seconds, as text
     * @param etaSeconds time to the stage's end
     * @param updated when the stage said so
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record StageProgress(
            int epoch,
            int epochs,
            long step,
            long steps,
            int percent,
            @Nullable Long imagesPerSecond,
            @Nullable Integer dataWaitPercent,
            @Nullable String loss,
            @Nullable Long etaSeconds,
            @Nullable String updated) {}

    /** Columns: empty text where there is nothing yet. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Summary(
            String stage,
            String progress,
            String eta,
            String top1,
            String ap50,
            String ap,
            String ap75,
            String loss,
            String imagesPerSecond,
            String gpuHours,
            String versusPaper,
            String ready,
            String reason) {
        /** Nothing yet. */
        public static final Summary EMPTY = new Summary("", "", "", "", "", "", "", "", "", "", "", "", "");
    }

    /** A figure in percent. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Result(String metric, String value, String untrained, String gain, String paper, String difference) {}

    /** Raw data as it was listed: by the task that prepares it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record RawData(String name, String fingerprint) {}
}
