package dev.moco.contract;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Stages of an experiment; none depends on a later one. */
public enum Stage {
    PREPARE,
    PRETRAIN,
    LINEAR,
    DETECT;

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
