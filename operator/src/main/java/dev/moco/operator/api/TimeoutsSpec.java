package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Limits of time. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TimeoutsSpec(
        @JsonPropertyDescription("Minutes that a pod may wait for a node before its stage fails; 0 waits forever.")
        @Default("0")
        @Min(0)
        @Max(1_000_000)
        Integer pendingMinutes,

        @JsonPropertyDescription(
                "Hours that a stage may run before it fails, waiting and suspension not counted; 0 sets no limit.")
        @Default("0")
        @Min(0)
        @Max(100_000)
        Integer activeHours,

        @JsonPropertyDescription(
                "Minutes without progress after which a running pod is replaced and resumes from its checkpoint; 0"
                        + " never replaces it. Only time counts in which the operator reads its progress from the store.")
        @Default("20")
        @Min(0)
        @Max(100_000)
        Integer stalledMinutes,

        @UnknownFields @Nullable Map<String, Object> unknown) {}
