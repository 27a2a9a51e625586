package dev.moco.operator.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/** What a person asks for. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record MoCoExperimentSpec(
        @Nullable Boolean suspend,
        @Nullable Boolean cancel,
        @Nullable String retryToken) {}
