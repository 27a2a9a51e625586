package dev.moco.contract;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import java.util.Locale;
import java.util.stream.Stream;

/** Stages of an experiment; none depends on a later one. */
public enum Stage {
    PREPARE(Kind.PREPARATION, PrepareConfig.class, StageResult.Prepared.class),
    WEIGHTS(Kind.PREPARATION, WeightsConfig.class, StageResult.Imported.class),
    PRETRAIN(Kind.TRAINING, PretrainConfig.class, StageResult.Pretrained.class),
    LINEAR(Kind.TRAINING, LinearConfig.class, StageResult.Classified.class),
    KNN(Kind.TRAINING, KnnConfig.class, StageResult.KnnAccuracy.class),
    DETECT(Kind.TRIALS, DetectConfig.class, StageResult.Detected.class);

    /** Reads what is outside the store, trains once, or trains in several trials. */
    private enum Kind {
        PREPARATION,
        TRAINING,
        TRIALS
    }

    private final Kind kind;
    private final Class<? extends StageConfig> config;
    private final Class<? extends StageResult> result;

    Stage(Kind kind, Class<? extends StageConfig> config, Class<? extends StageResult> result) {
        this.kind = kind;
        this.config = config;
        this.result = result;
    }

    /** True for stages that read raw data or weights from outside the store instead of artifacts, and train nothing. */
    public boolean readsRawData() {
        return kind == Kind.PREPARATION;
    }

    /** True for stages whose tasks are trials, which share one Indexed Job. */
    public boolean hasTrials() {
        return kind == Kind.TRIALS;
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
