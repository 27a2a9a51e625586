package dev.moco.operator.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rules for what is {@link Immutable}. A rule about a whole group could only say that something in it changed; so each
 * field below it gets its own, and its parent another if the field may be left out, for no rule of a field sees it come
 * or go.
 */
final class ImmutableFields {
    private static final String WAY_OUT = ": create another resource; what both share is computed once";

    private ImmutableFields() {}

    /** Adds the rules below a record of the wire, and below the records in it. */
    static void freeze(JSONSchemaProps schema, Class<?> record) {
        // Fields, for a record component shows only the annotations that may stand on components.
        for (Field field : record.getDeclaredFields()) {
            JSONSchemaProps property = schema.getProperties().get(field.getName());
            if (property == null) {
                continue;
            }
            Immutable immutable = field.getAnnotation(Immutable.class);
            if (immutable != null) {
                freeze(schema, field.getName(), property, immutable.value());
            } else if (field.getType().isRecord()) {
                freeze(property, field.getType());
            }
        }
    }

    private static void freeze(JSONSchemaProps parent, String name, JSONSchemaProps property, String why) {
        Map<String, JSONSchemaProps> below = property.getProperties();
        if (below != null && !below.isEmpty()) {
            below.forEach((child, schema) -> freeze(property, child, schema, why));
            return;
        }
        add(property, rule("self == oldSelf", says("changed from %s to %s", why, "oldSelf, self"), null));
        JsonNode preset = property.getDefault();
        if (preset == null && !parent.getRequired().contains(name)) {
            String added = says("added, found %s", why, "self." + name);
            String takenAway = says("taken away, it was %s", why, "oldSelf." + name);
            add(
                    parent,
                    rule(
                            "has(self." + name + ") == has(oldSelf." + name + ")",
                            "has(self." + name + ") ? " + added + " : " + takenAway,
                            "." + name));
        }
    }

    /** A message in CEL. Joining texts with + would cost too much: how long a number is as text is not estimated. */
    private static String says(String what, String why, String values) {
        return "'cannot be " + what + ". " + why + WAY_OUT + "'.format([" + values + "])";
    }

    private static ValidationRule rule(String rule, String messageExpression, @Nullable String fieldPath) {
        ValidationRule made = new ValidationRule();
        made.setRule(rule);
        made.setMessageExpression(messageExpression);
        made.setFieldPath(fieldPath);
        return made;
    }

    private static void add(JSONSchemaProps schema, ValidationRule rule) {
        List<ValidationRule> rules = new ArrayList<>(schema.getXKubernetesValidations());
        rules.add(rule);
        schema.setXKubernetesValidations(rules);
    }
}
