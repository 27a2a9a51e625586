package dev.moco.operator.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Time at which a change of a policy field takes effect, for the field's description. That of a group holds for
 * each field below it without its own.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface Changes {
    String AT_ONCE = "A change takes effect at once.";

    /** Of what is in the template of a Job's pods, which is fixed once the Job exists. */
    String PODS = "A change takes effect for Jobs none of whose pods has run, which are made anew, and for later ones;"
            + " for the others once spec.suspend was set to true and back to false.";

    /** One of the sentences above, or another. */
    String value();
}
