package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Limits of a running stage's metrics that raise a condition. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record GatesSpec(
        @JsonPropertyDescription(
                "Share of a step's time spent waiting for data above which condition DataLoaderBound is True.")
        @Default("0.3")
        @Min(value = 0, inclusive = false)
        @Max(1)
        Double dataWaitShare,

        @UnknownFields @Nullable Map<String, Object> unknown) {}
