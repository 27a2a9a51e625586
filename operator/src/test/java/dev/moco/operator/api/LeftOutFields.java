package dev.moco.operator.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.lang.reflect.Field;

/**
 * Rules for the fields of pre-training beside {@code spec.encoder}, which replaces it. The API server has filled in
 * defaults when it checks them, so each field must have its own.
 */
final class LeftOutFields {
    private LeftOutFields() {}

    static void refuse(JSONSchemaProps spec) {
        refuse(spec, Crd.property(spec, "pretrain"), PretrainSpec.class, "self.pretrain", ".pretrain");
    }

    private static void refuse(JSONSchemaProps spec, JSONSchemaProps schema, Class<?> record, String self, String at) {
        for (Field field : RenamedFields.wire(record)) {
            String value = self + "." + field.getName();
            String path = at + "." + field.getName();
            JSONSchemaProps property = Crd.property(schema, field.getName());
            JsonNode preset = property.getDefault();
            if (field.isAnnotationPresent(Renamed.class)) {
                continue;
            }
            if (field.getType().isRecord() && preset != null) {
                refuse(spec, property, field.getType(), value, path);
            } else if (preset == null) {
                String shown = field.getType() == InitialSpec.class ? value + ".file" : value;
                add(spec, "!has(" + value + ")", shown, field.getType() == InitialSpec.class, path);
            } else {
                String literal = preset.isTextual() ? "'" + preset.textValue() + "'" : preset.asText();
                add(spec, value + " == " + literal, value, preset.isTextual(), path);
            }
        }
    }

    private static void add(JSONSchemaProps spec, String unset, String shown, boolean text, String path) {
        String found = text ? "\"%s\"" : "%s";
        String message = "'" + PretrainSpec.LEFT_OUT + ", found " + found + "'.format([" + shown + "])";
        ImmutableFields.add(spec, ImmutableFields.rule("!has(self.encoder) || " + unset, message, path));
    }
}
