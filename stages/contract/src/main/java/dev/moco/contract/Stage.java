package dev.moco.contract;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import java.util.Locale;
import java.util.stream.Stream;

/** Stages of an experiment; none depends on a later one. */
public enum Stage {
    PREPARE(PrepareConfig.class, StageResult.Prepared.class),
    PRETRAIN(PretrainConfig.class, StageResult.Pretrained.class),
    LINEAR(LinearConfig.class, StageResult.Classified.class),
    DETECT(DetectConfig.class, StageResult.Detected.class);

    private final Class<? extends StageConfig> config;
    private final Class<? extends StageResult> result;

    Stage(Class<? extends StageConfig> config, Class<? extends StageResult> result) {
        this.config = config;
        this.result = result;
    }

    /** Names in JSON of the configurations and results of all stages. */
    static NamedType[] jsonTypes() {
        return Stream.of(values())
                .flatMap(stage ->
                        Stream.of(new NamedType(stage.config, stage.id()), new NamedType(stage.result, stage.id())))
                .toArray(NamedType[]::new);
    }

    /** Name in JSON and in keys, and argument of the stage program: {@code prepare}, … */
    @JsonValue
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static Stage of(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT));
    }
}
