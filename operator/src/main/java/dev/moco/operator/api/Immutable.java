package dev.moco.operator.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Never changes once the resource is there. The schema gets a rule for each field below it, that the API server's message
 * may name the field, its old value and its new one.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface Immutable {
    /** Why, for that message. */
    String value() default "It defines the result";
}
