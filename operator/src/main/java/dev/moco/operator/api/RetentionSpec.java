package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** What is kept, and for how long. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record RetentionSpec(
        @JsonPropertyDescription(
                "Seconds that an ended Job is kept with its pods' logs, from 0 to 2147483647; a minute at least, for its"
                        + " end must be told first. A Job that is gone is never run again. Left out, 86400, a day.")
        @Default("86400")
        @Min(0)
        @Max(Integer.MAX_VALUE)
        @Nullable
        Integer jobsTtlSeconds,

        @JsonPropertyDescription(
                "What deleting the experiment does with its results in S3: Retain keeps them, for other experiments may"
                        + " share them, and applying the same again finds them. Left out, it is Retain.")
        @Default("Retain")
        @Nullable
        OnDelete onDelete) {

    /** What deleting the experiment does with its results. */
    public enum OnDelete {
        @JsonProperty("Retain")
        RETAIN
    }
}
