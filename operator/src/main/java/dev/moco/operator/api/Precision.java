package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Arithmetic of a stage. */
public enum Precision {
    @JsonProperty("Float32")
    FLOAT32,
    @JsonProperty("TF32")
    TF32,
    @JsonProperty("BFloat16")
    BFLOAT16
}
