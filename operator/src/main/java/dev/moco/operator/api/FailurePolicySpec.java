package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** What happens after a failure. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record FailurePolicySpec(
        @JsonPropertyDescription(
                "Faults of a stage that are forgiven, from 0 to 100; it has failed with the next. Pods that the cluster"
                        + " takes away do not count, and bad data or configuration is never tried again. Left out, 3.")
        @Default("3")
        @Min(0)
        @Max(100)
        @Nullable
        Integer retries) {}
