package dev.moco.operator.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.operator.spec.SpecField;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;

/**
 * Rules for the fields of pre-training beside {@code spec.encoder}, which replaces it. The API server has filled in
 * defaults when it checks them, so each field must have its own. Those whose default depends on the method may be absent,
 * or have MoCo's, which resources of before it did have.
 */
final class LeftOutFields {
    private LeftOutFields() {}

    static void refuse(JSONSchemaProps spec) {
        refuse(spec, Crd.property(spec, "pretrain"), PretrainSpec.class, "self.pretrain", ".pretrain");
    }

    private static void refuse(JSONSchemaProps spec, JSONSchemaProps schema, Class<?> record, String self, String at) {
        for (SpecField field : SpecField.of(record)) {
            String value = self + "." + field.name();
            String path = at + "." + field.name();
            JSONSchemaProps property = Crd.property(schema, field.name());
            JsonNode preset = property.getDefault();
            String chosen = field.chosen() == null ? null : ChosenFieldRules.literal(field);
            if (field.isOldName()) {
                continue;
            }
            if (field.type().isRecord() && preset != null) {
                refuse(spec, property, field.type(), value, path);
            } else if (preset != null) {
                String literal = preset.isTextual() ? "'" + preset.textValue() + "'" : preset.asText();
                add(spec, value + " == " + literal, value, preset.isTextual(), path);
            } else if (chosen != null) {
                add(spec, "!has(" + value + ") || " + value + " == " + chosen, value, chosen.startsWith("'"), path);
            } else {
                boolean object = field.type().isRecord();
                add(spec, "!has(" + value + ")", object ? value + ".file" : value, object, path);
            }
        }
    }

    private static void add(JSONSchemaProps spec, String unset, String shown, boolean text, String path) {
        String found = text ? "\"%s\"" : "%s";
        String message = "'" + PretrainSpec.LEFT_OUT + ", found " + found + "'.format([" + shown + "])";
        ImmutableFields.add(spec, ImmutableFields.rule("!has(self.encoder) || " + unset, message, path));
    }
}
