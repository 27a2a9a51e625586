package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.moco.contract.Task;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reaction to failures. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FailurePolicySpec(
        @JsonPropertyDescription(
                "Failures of a stage after which it is tried again; the next one fails the stage, unless it has saved a"
                        + " new checkpoint since its Job began: then another Job continues, with as many retries; 0 never tries again. Disruptions"
                        + " (evicted or preempted pods) do not count, and bad data or configuration is never retried.")
        @Default("" + Task.RETRIES)
        @Min(0)
        @Max(100)
        Integer retries,

        @UnknownFields @Nullable Map<String, Object> unknown) {}
