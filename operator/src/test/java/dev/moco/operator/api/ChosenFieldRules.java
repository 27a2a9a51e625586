package dev.moco.operator.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.operator.spec.ChosenDefaults;
import dev.moco.operator.spec.SpecField;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.math.BigDecimal;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Rules for fields whose defaults depend on a choice: one that the choice has not is refused, and none is added or taken
 * away. They are on the spec, as the protocol of linear classification depends on the method of pre-training.
 */
final class ChosenFieldRules {
    private static final String METHOD = "self.pretrain.method";
    private static final String PROTOCOL =
            "(has(self.linear.protocol) ? self.linear.protocol : " + METHOD + " == 'SimCLR' ? 'SimCLR' : 'MoCo')";

    private ChosenFieldRules() {}

    static void add(JSONSchemaProps spec) {
        add(spec, PretrainSpec.class, ".pretrain", "method", METHOD);
        add(spec, LinearSpec.class, ".linear", "protocol", PROTOCOL);
    }

    private static void add(JSONSchemaProps spec, Class<?> record, String path, String chooser, String choice) {
        for (SpecField field : SpecField.of(record)) {
            ChosenDefaults defaults = field.chosen();
            if (defaults != null) {
                String at = path + "." + field.name();
                if (defaults.lacking()) {
                    belongs(spec, field, defaults, at, chooser, choice);
                }
                // The group has a rule for one that is an object.
                if (!field.type().isRecord()) {
                    stays(spec, field, path, choice);
                }
            }
        }
    }

    private static void belongs(
            JSONSchemaProps spec, SpecField field, ChosenDefaults defaults, String at, String chooser, String choice) {
        String having =
                defaults.having().stream().map(name -> "'" + name + "'").collect(Collectors.joining(", ", "[", "]"));
        boolean object = field.type().isRecord();
        String message = "'" + defaults.belongs(chooser, "%s") + (object ? ", found \"%s\"" : ", found %s")
                + "'.format([" + choice + ", self" + at + (object ? ".file" : "") + "])";
        ImmutableFields.add(
                spec, ImmutableFields.rule("!has(self" + at + ") || " + choice + " in " + having, message, at));
    }

    /**
     * A resource of before the defaults depended on a choice has those of MoCo in it, which a file that is put in its place
     * need not name.
     */
    private static void stays(JSONSchemaProps spec, SpecField field, String path, String choice) {
        String at = path + "." + field.name();
        String literal = literal(field);
        // Exactly one of both has it. Two values of orValue could not be compared: their cost has no bound.
        String same = literal == null
                ? ""
                : " || " + choice + " == 'MoCo' && (has(self" + at + ") ? self" + at + " : oldSelf" + at + ") == "
                        + literal;
        String why = ImmutableFields.of(MoCoExperimentSpec.class, path.substring(1));
        ImmutableFields.add(
                spec,
                ImmutableFields.rule(
                        "has(self" + at + ") == has(oldSelf" + at + ")" + same,
                        ImmutableFields.addedOrTakenAway(at, why),
                        at));
    }

    /** MoCo's default in CEL; null for none. */
    static @Nullable String literal(SpecField field) {
        JsonNode preset = Objects.requireNonNull(field.chosen()).preset("MoCo");
        if (preset == null) {
            return null;
        }
        if (field.type() == Double.class) {
            BigDecimal number = new BigDecimal(preset.asText()).stripTrailingZeros();
            return number.setScale(Math.max(1, number.scale())).toPlainString();
        }
        return preset.isTextual() ? "'" + preset.textValue() + "'" : preset.asText();
    }
}
