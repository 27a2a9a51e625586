package dev.moco.contract;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** Configuration of a stage. It is part of the stage's key, so it has exactly the settings that change the result. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "stage")
@JsonSubTypes({
    @JsonSubTypes.Type(value = PrepareConfig.class, name = "prepare"),
    @JsonSubTypes.Type(value = PretrainConfig.class, name = "pretrain"),
    @JsonSubTypes.Type(value = LinearConfig.class, name = "linear"),
    @JsonSubTypes.Type(value = DetectConfig.class, name = "detect")
})
public sealed interface StageConfig permits PrepareConfig, PretrainConfig, LinearConfig, DetectConfig {
    @JsonIgnore
    Stage stage();

    /** Seed of all random numbers of the stage. */
    long seed();
}
