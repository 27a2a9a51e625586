package dev.moco.operator.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.moco.contract.Architecture;
import dev.moco.operator.api.Method;
import dev.moco.operator.api.Precision;
import dev.moco.operator.api.Schedule;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Fields in which a configuration differs from another one. */
public final class Differences {
    /** Names that an experiment's file has for the constants of a configuration. */
    private static final Map<String, String> WRITTEN = Stream.of(Precision.class, Schedule.class, Method.class)
            .flatMap(type -> Stream.of(type.getEnumConstants()))
            .collect(Collectors.toMap(Enum::name, Differences::written));

    private Differences() {}

    /** The fields of a configuration with their values as texts, also those of records within. */
    public static Map<String, String> fields(Record of) {
        Map<String, String> fields = new LinkedHashMap<>();
        put(fields, of);
        return fields;
    }

    private static void put(Map<String, String> fields, Record of) {
        for (RecordComponent component : of.getClass().getRecordComponents()) {
            Object value = value(component, of);
            // The type of a record without fields says it all, such as a method's.
            if (value instanceof Record inner && inner.getClass().getRecordComponents().length > 0) {
                put(fields, inner);
            } else {
                fields.put(component.getName(), text(value));
            }
        }
    }

    /** Each differing field as {@code temperature 0.1, not 0.2}, also of records within. */
    public static List<String> between(Record own, Record other) {
        List<String> differences = new ArrayList<>();
        add(differences, "", own, other);
        return differences;
    }

    private static void add(List<String> differences, String name, @Nullable Object own, @Nullable Object other) {
        if (own instanceof Record && other != null && own.getClass().equals(other.getClass())) {
            for (RecordComponent component : own.getClass().getRecordComponents()) {
                add(differences, component.getName(), value(component, own), value(component, other));
            }
        } else if (!Objects.equals(own, other)) {
            differences.add(name + " " + text(own) + ", not " + text(other));
        }
    }

    private static @Nullable Object value(RecordComponent component, Object of) {
        try {
            return component.getAccessor().invoke(of);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("a record's component is public", e);
        }
    }

    /** A value as an experiment's file has it; a record of another type stands for its type, such as a method. */
    private static String text(@Nullable Object value) {
        if (value instanceof Record) {
            return value.getClass().getSimpleName();
        } else if (value instanceof Double number && Double.isFinite(number)) {
            return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
        } else if (value instanceof Architecture architecture) {
            return architecture.id();
        } else if (value instanceof Enum<?> constant) {
            return WRITTEN.getOrDefault(constant.name(), constant.name());
        } else if (value instanceof List<?> list) {
            return list.stream().map(Differences::text).collect(Collectors.joining(", ", "[", "]"));
        }
        return String.valueOf(value);
    }

    private static String written(Enum<?> constant) {
        try {
            return Objects.requireNonNull(constant.getDeclaringClass()
                            .getField(constant.name())
                            .getAnnotation(JsonProperty.class))
                    .value();
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("a constant is a field", e);
        }
    }
}
