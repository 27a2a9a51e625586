package dev.moco.operator.spec;

import dev.moco.operator.api.InitialSpec;
import dev.moco.operator.api.LinearProtocol;
import dev.moco.operator.api.LinearSpec;
import dev.moco.operator.api.Method;
import dev.moco.operator.api.MoCoExperimentSpec;
import dev.moco.operator.api.PretrainSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Fills in the defaults that depend on the method of pre-training, or the protocol of linear classification. */
final class ChosenFields {
    private final Problems problems;

    ChosenFields(Problems problems) {
        this.problems = problems;
    }

    /**
     * Fills in a spec whose fields have been read, and adds a problem for each field that its choice has not. An encoder
     * replaces pre-training, so that nothing of that is a choice then.
     */
    MoCoExperimentSpec fill(MoCoExperimentSpec spec) {
        Method method = spec.encoder() == null ? spec.pretrain().method() : Method.MOCO;
        LinearProtocol given = spec.linear().protocol();
        LinearProtocol protocol =
                given != null ? given : method == Method.SIMCLR ? LinearProtocol.SIMCLR : LinearProtocol.MOCO;
        Map<String, @Nullable Object> values = values(spec);
        values.put("pretrain", spec.encoder() == null ? pretrain(spec.pretrain()) : unset());
        Map<String, @Nullable Object> linear =
                filled(LinearSpec.class, "spec.linear", "protocol", protocol, spec.linear());
        linear.put("protocol", protocol);
        values.put("linear", SpecReader.make(LinearSpec.class, linear));
        return SpecReader.make(MoCoExperimentSpec.class, values);
    }

    /** Pre-training of which the user named nothing. */
    static PretrainSpec unset() {
        Problems none = new Problems();
        return new ChosenFields(none).pretrain(new SpecReader(none).read(PretrainSpec.class, "spec.pretrain", null));
    }

    private PretrainSpec pretrain(PretrainSpec spec) {
        return SpecReader.make(
                PretrainSpec.class, filled(PretrainSpec.class, "spec.pretrain", "method", spec.method(), spec));
    }

    /** Values of a record by name, filled in. */
    private Map<String, @Nullable Object> filled(
            Class<?> record, String path, String chooser, Enum<?> choice, Object given) {
        String name = SpecField.name(choice);
        Map<String, @Nullable Object> values = values(given);
        for (SpecField field : SpecField.of(record)) {
            ChosenDefaults defaults = field.chosen();
            if (defaults == null) {
                continue;
            }
            String at = path + "." + field.name();
            Object value = values.get(field.name());
            if (!defaults.having().contains(name)) {
                if (value != null && !problems.isWrong(path + "." + chooser)) {
                    problems.wrong(at, defaults.belongs(chooser, name), shown(value));
                }
                values.put(field.name(), null);
            } else if (value == null) {
                // The size of a batch is before its rate in a record.
                Object batchSize = Objects.requireNonNullElse(values.get("batchSize"), 0);
                values.put(field.name(), field.scalar(defaults.preset(name, (Integer) batchSize)));
            }
        }
        return values;
    }

    /** A value as a message shows it. */
    static Object shown(Object value) {
        return value instanceof InitialSpec from ? from.file() : value;
    }

    private static Map<String, @Nullable Object> values(Object record) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (SpecField field : SpecField.of(record.getClass())) {
            values.put(field.name(), SpecReader.get(record, field.name()));
        }
        return values;
    }
}
