package dev.moco.contract;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The stages of an experiment, in the order of the data. */
public enum Stage {
    PREPARE,
    PRETRAIN,
    LINEAR,
    DETECT;

    /** Name on the wire, in keys and as the stage program's subcommand: {@code prepare}, … */
    @JsonValue
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static Stage of(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT));
    }
}
