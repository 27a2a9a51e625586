package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** Limits of time. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record TimeoutsSpec(
        @JsonPropertyDescription(
                "Minutes that a pod may wait for a node before its stage fails, from 0 to 1000000; 0 waits for ever."
                        + " Left out, 0.")
        @Default("0")
        @Min(0)
        @Max(1_000_000)
        @Nullable
        Integer pendingMinutes,

        @JsonPropertyDescription(
                "Hours that a stage may run before it fails, from 0 to 100000, waiting and suspension not counted; 0 is"
                        + " no limit. Left out, 0.")
        @Default("0")
        @Min(0)
        @Max(100_000)
        @Nullable
        Integer activeHours,

        @JsonPropertyDescription(
                "Minutes without progress after which a running pod is replaced and goes on from its checkpoint, from 0"
                        + " to 100000; 0 never does. Left out, 20.")
        @Default("20")
        @Min(0)
        @Max(100_000)
        @Nullable
        Integer stalledMinutes) {}
