package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Decay of a learning rate. */
public enum Schedule {
    @JsonProperty("Cosine")
    COSINE,
    @JsonProperty("Step")
    STEP
}
