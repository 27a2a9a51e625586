package dev.moco.operator.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Old name of a field. It stays in the schema, or the API server would prune it and the new name's default
 * would take its place; a value is refused with the new name, in a new and in a stored resource.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface Renamed {
    /** The new name, in the same object. */
    String value();
}
