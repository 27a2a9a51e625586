package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Protocol of linear classification: whose training of the classifier it is. */
public enum LinearProtocol {
    @JsonProperty("MoCo")
    MOCO,
    @JsonProperty("SimCLR")
    SIMCLR
}
