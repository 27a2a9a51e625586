package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JacksonAnnotationsInside;
import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks the map in which a bound record keeps the fields that it does not have, so that the reader can refuse
 * them. They are no part of the schema. /
 */
@JacksonAnnotationsInside
@JsonAnySetter
@JsonAnyGetter
@JsonProperty(UnknownFields.IMPOSSIBLE)
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER})
public @interface UnknownFields {
    /**
     * Name of the map on the wire. Jackson would bind a field of that name to the map, so it is one that no field has:
     * half a surrogate pair, which UTF-8 cannot encode.
     */
    String IMPOSSIBLE = "\uD800";
}
