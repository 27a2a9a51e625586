package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Retention of Jobs and results. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RetentionSpec(
        @JsonPropertyDescription(
                "Seconds that a finished Job is kept with its pods' logs. Jobs of an experiment that has not ended are kept"
                        + " longer, until its end is in the status. A Job that was removed then is never run again.")
        @Default("86400")
        @Min(0)
        @Max(Integer.MAX_VALUE)
        Integer jobsTtlSeconds,

        @JsonPropertyDescription(
                "Results in S3 when the experiment is deleted: Retain keeps them, since other experiments may share"
                        + " them; applying the same experiment again finds them.")
        @Default("Retain")
        OnDeleteAction onDelete,

        @JsonPropertyDescription(
                "Checkpoints of pre-training that stay in S3 after its end, each with its encoder: `moco eval`"
                        + " evaluates them. Without it, the last one stays with schedule Step, from which a run with"
                        + " more epochs goes on, and none with Cosine, whose rates depend on the number of epochs.")
        @Nullable
        Checkpoints checkpoints,

        @UnknownFields @Nullable Map<String, Object> unknown) {

    /** Checkpoints that are kept. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Checkpoints(
            @JsonPropertyDescription(
                    "Epochs between two checkpoints that stay, beside the last one of schedule Step; 0 keeps no"
                            + " others. Each takes about four times the size of the encoder. A change holds for the"
                            + " epochs that a stage trains after its next start; what was kept stays.")
            @Default("0")
            @Min(0)
            @Max(100_000)
            Integer everyEpochs,

            @UnknownFields @Nullable Map<String, Object> unknown) {}

    /** Effect of deleting the experiment on its results. */
    public enum OnDeleteAction {
        @JsonProperty("Retain")
        RETAIN
    }
}
