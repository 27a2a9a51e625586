package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Method of pre-training. */
public enum Method {
    @JsonProperty("MoCo")
    MOCO,
    @JsonProperty("EndToEnd")
    END_TO_END,
    @JsonProperty("SimCLR")
    SIMCLR,
    @JsonProperty("Supervised")
    SUPERVISED
}
