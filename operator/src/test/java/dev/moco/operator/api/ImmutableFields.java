package dev.moco.operator.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Rules for {@link Immutable} fields. A rule on a whole group could not name the changed field, so each field
 * below it gets its own; and its parent gets another if the field may be absent before or after an update,
 * since a rule on the field itself is not evaluated then.
 */
final class ImmutableFields {
    private static final String WAY_OUT = ": create another resource; what both share is computed once";

    private ImmutableFields() {}

    /** Adds the rules below a record of the wire, and below the records in it. */
    static void freeze(JSONSchemaProps schema, Class<?> record) {
        // Fields, for a record component shows only the annotations that may stand on components.
        for (Field field : RenamedFields.wire(record)) {
            Immutable immutable = field.getAnnotation(Immutable.class);
            if (immutable != null) {
                freeze(schema, field, immutable.value());
            } else if (field.getType().isRecord()) {
                freeze(Crd.property(schema, field.getName()), field.getType());
            }
        }
    }

    private static void freeze(JSONSchemaProps parent, Field field, String whyOfGroup) {
        String name = field.getName();
        Immutable own = field.getAnnotation(Immutable.class);
        String why = own == null ? whyOfGroup : own.value();
        JSONSchemaProps property = Crd.property(parent, name);
        if (field.getType().isRecord()) {
            for (Field below : RenamedFields.wire(field.getType())) {
                freeze(property, below, why);
            }
            return;
        }
        if (field.isAnnotationPresent(Renamed.class)) {
            return;
        }
        Optional<String> oldName = RenamedFields.oldName(field);
        if (oldName.isPresent()) {
            // A stored value under the old name may be moved to the new one, despite its default. Until then the rule
            // about the old name applies. The API server checks the parent's own default, {}, as it stands.
            String before = "oldSelf.?" + oldName.get() + ".orValue(oldSelf." + name + ")";
            String message = message("changed from %s to %s", why, before + ", self." + name);
            String moves =
                    "!has(self." + name + ") || has(self." + oldName.get() + ") || self." + name + " == " + before;
            add(parent, rule(moves, message, "." + name));
            return;
        }
        add(property, rule("self == oldSelf", message("changed from %s to %s", why, "oldSelf, self"), null));
        JsonNode preset = property.getDefault();
        boolean chosen = field.isAnnotationPresent(DefaultBy.class);
        if (preset == null && !chosen && !parent.getRequired().contains(name)) {
            add(
                    parent,
                    rule(
                            "has(self." + name + ") == has(oldSelf." + name + ")",
                            addedOrTakenAway("." + name, why),
                            "." + name));
        }
    }

    /** The reason why a group of the spec is immutable. */
    static String of(Class<?> record, String name) {
        return RenamedFields.wire(record).stream()
                .filter(field -> field.getName().equals(name))
                .map(field -> field.getAnnotation(Immutable.class).value())
                .findFirst()
                .orElseThrow();
    }

    /** Message in CEL about a field that only one of old and new has. */
    static String addedOrTakenAway(String at, String why) {
        return "has(self" + at + ") ? " + message("added, found %s", why, "self" + at) + " : "
                + message("taken away, it was %s", why, "oldSelf" + at);
    }

    /** A message in CEL. Joining texts with + would exceed the cost limit, which assumes long texts for numbers. */
    private static String message(String what, String why, String values) {
        return "'cannot be " + what + ". " + why + WAY_OUT + "'.format([" + values + "])";
    }

    static ValidationRule rule(String rule, String messageExpression, @Nullable String fieldPath) {
        ValidationRule made = new ValidationRule();
        made.setRule(rule);
        made.setMessageExpression(messageExpression);
        made.setFieldPath(fieldPath);
        return made;
    }

    static void add(JSONSchemaProps schema, ValidationRule rule) {
        List<ValidationRule> rules = new ArrayList<>(schema.getXKubernetesValidations());
        rules.add(rule);
        schema.setXKubernetesValidations(rules);
    }
}
