package dev.moco.contract;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A field of a configuration that was added after keys were made with the configuration. While it has its neutral value
 * it is not in the JSON, so that keys, tasks and manifests are those of the time before; where it is missing, that value
 * is read.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER})
public @interface AddedLater {
    /**
     * JSON of the value that reproduces the behavior before the field existed. It never changes, even if the default of
     * the spec becomes another one.
     */
    String neutral();
}
