package dev.moco.operator.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Status of a {@code MoCoExperiment}. Figures are texts with fixed decimals, as columns show them.
 *
 * @param conditions Ready, Reconciling and Stalled as kstatus has them; Succeeded; Reproduced
 * @param stages where each task stands
 * @param summary the columns of {@code kubectl get}
 * @param results figures beside the untrained encoder's and the paper's
 * @param report rows of the report in Markdown
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MoCoExperimentStatus(
        List<Condition> conditions, List<StageStatus> stages, Summary summary, List<Result> results, String report) {
    public MoCoExperimentStatus {
        conditions = List.copyOf(conditions);
        stages = List.copyOf(stages);
        results = List.copyOf(results);
    }

    /** Kubernetes' condition; {@code status} is True, False or Unknown. */
    public record Condition(String type, String status, String reason, String message) {}

    /** A task: its state, key and progress; {@code digest} once committed. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record StageStatus(
            String name,
            String stage,
            String state,
            String reason,
            @Nullable String key,
            @Nullable String digest) {}

    /** Columns: empty text where there is nothing yet. */
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
            String reason) {}

    /** A figure in percent. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Result(String metric, String value, String untrained, String gain, String paper, String difference) {}
}
