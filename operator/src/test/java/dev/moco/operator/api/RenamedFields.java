package dev.moco.operator.api;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Rules that refuse {@link Renamed} fields. They are on the spec, not on the field: the API server does not
 * check unchanged parts of an update, so a stored resource with an old name accepts a status and a finalizer,
 * but no changed spec that keeps the name.
 */
final class RenamedFields {
    private RenamedFields() {}

    /** Adds a rule for each old name. */
    static void refuse(JSONSchemaProps spec) {
        refuse(spec, MoCoExperimentSpec.class, "");
    }

    private static void refuse(JSONSchemaProps spec, Class<?> record, String path) {
        for (Field field : wire(record)) {
            String at = path + "." + field.getName();
            Renamed renamed = field.getAnnotation(Renamed.class);
            if (renamed != null) {
                String message = "'was renamed: use " + renamed.value() + ", found %s'.format([self" + at + "])";
                ImmutableFields.add(
                        spec, ImmutableFields.rule("!self" + at.replace(".", ".?") + ".hasValue()", message, at));
            } else if (field.getType().isRecord()) {
                refuse(spec, field.getType(), at);
            }
        }
    }

    /** Fields of a record on the wire. */
    static List<Field> wire(Class<?> record) {
        return Arrays.stream(record.getDeclaredFields())
                .filter(field -> !Modifier.isStatic(field.getModifiers()))
                .filter(field -> !field.isAnnotationPresent(UnknownFields.class))
                .toList();
    }

    /** Old name of a field. */
    static Optional<String> oldName(Field field) {
        return wire(field.getDeclaringClass()).stream()
                .filter(other -> other.isAnnotationPresent(Renamed.class)
                        && other.getAnnotation(Renamed.class).value().equals(field.getName()))
                .map(Field::getName)
                .findFirst();
    }
}
