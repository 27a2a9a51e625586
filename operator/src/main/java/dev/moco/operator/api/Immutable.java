package dev.moco.operator.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a field that never changes once the resource exists. The schema gets a rule for each field below it,
 * so that the API server's message can name the field, its old value and its new one.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface Immutable {
    /** The reason, for that message. That of a field below an immutable one replaces the other's. */
    String value() default "It defines the result";
}
