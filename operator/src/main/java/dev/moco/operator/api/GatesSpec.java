package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** Figures of a running stage that raise a condition. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record GatesSpec(
        @JsonPropertyDescription(
                "Share of a step's time spent waiting for data, above 0 up to 1, above which condition DataLoaderBound is"
                        + " True. Left out, 0.3.")
        @Default("0.3")
        @Min(value = 0, inclusive = false)
        @Max(1)
        @Nullable
        Double dataWaitShare) {}
