package dev.moco.contract;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** Everything about a stage that changes its result, and nothing else: it is hashed into the stage's key. */
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

    /** Seed of every random draw of the stage. */
    long seed();
}
