package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a learning rate falls. */
public enum Schedule {
    @JsonProperty("Cosine")
    COSINE,
    @JsonProperty("Step")
    STEP
}
