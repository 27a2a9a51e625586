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

        @UnknownFields @Nullable Map<String, Object> unknown) {

    /** Effect of deleting the experiment on its results. */
    public enum OnDeleteAction {
        @JsonProperty("Retain")
        RETAIN
    }
}
