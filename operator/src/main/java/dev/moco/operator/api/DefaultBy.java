package dev.moco.operator.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Defaults of a field that depend on a choice: the method of pre-training, or the protocol of linear classification. They
 * are not in the schema, as the API server would store those of one choice as if a user had given them: the reader fills
 * them in, and refuses a field that the choice has not.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface DefaultBy {
    /** End of a default that is a multiple of the batch size. */
    String PER_BATCH = " * batchSize / " + DefaultBy.BATCH;

    /** Batch for which such a multiple is stated. */
    int BATCH = 256;

    /** The choices. */
    Class<? extends Enum<?>> choice();

    /**
     * YAML of an object: the default of each choice that has the field, by the choice's name; none for a field that may be
     * left out. A text ending in {@link #PER_BATCH} is that number, times the batch size, divided by 256.
     */
    String value();
}
