package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reaction to failures. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FailurePolicySpec(
        @JsonPropertyDescription(
                "Failures of a stage after which it is tried again; the next one fails the stage. Disruptions (evicted"
                        + " or preempted pods) do not count, and bad data or configuration is never retried.")
        @Default("3")
        @Min(0)
        @Max(100)
        Integer retries,

        @JsonAnySetter @JsonAnyGetter @Nullable Map<String, Object> unknown) {}
