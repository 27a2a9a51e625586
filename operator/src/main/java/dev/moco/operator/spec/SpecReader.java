package dev.moco.operator.spec;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.operator.api.UnknownFields;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Checks a record of package {@code api} field by field and fills in its defaults. It is read from the tree of a file,
 * or as the client bound it. A wrong value adds a problem, and its default is used in the remaining checks, so that one
 * reading finds every problem.
 */
final class SpecReader {
    private final Problems problems;

    SpecReader(Problems problems) {
        this.problems = problems;
    }

    /**
     * Reads a record. A problem in what the user gave is added to {@link Problems}; none throws.
     *
     * @param path where it is, for messages
     * @param given a tree, or a record of that type; null where it was left out
     */
    <R> R read(Class<R> record, String path, @Nullable Object given) {
        Object object = given;
        if (object instanceof JsonNode node && !node.isObject()) {
            problems.wrong(path, "must be an object", node);
            object = null;
        }
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (SpecField field : SpecField.of(record)) {
            values.put(field.name(), value(field, path, object == null ? null : get(object, field.name())));
        }
        if (object != null) {
            refuseUnknown(record, path, object);
        }
        return make(record, values);
    }

    private @Nullable Object value(SpecField field, String parent, @Nullable Object given) {
        String path = parent + "." + field.name();
        String newName = field.newName();
        if (newName != null) {
            if (given != null) {
                problems.wrong(path, "was renamed: use " + newName, given);
                // Its default is not the given value.
                problems.exclude(parent + "." + newName);
            }
            return null;
        }
        if (field.type().isRecord()) {
            boolean optional = field.preset() == null && !field.required();
            return given == null && optional ? null : read(field.type(), path, given);
        }
        if (given == null && field.required() && !problems.isWrong(parent)) {
            problems.missing(path, field.rule().replaceFirst("^must be ", "must be given: "));
        }
        Object value = given == null ? null : any(field, path, given);
        if (value == null && field.preset() != null) {
            value = any(field, path, field.preset());
        }
        // A required field is a text, and is not null in the record, which the remaining checks read.
        return value == null && field.required() ? "" : value;
    }

    private @Nullable Object any(SpecField field, String path, Object given) {
        if (field.type() == List.class) {
            return list(field, path, given);
        }
        if (field.type() == Map.class) {
            return map(field, path, given);
        }
        Object value = field.scalar(given);
        if (value == null) {
            problems.wrong(path, field.rule(), given);
        }
        return value;
    }

    private @Nullable List<Object> list(SpecField field, String path, Object given) {
        List<?> items = items(given);
        if (items == null || items.size() > field.most()) {
            problems.wrong(path, field.rule(), given);
            return null;
        }
        if (items.size() < field.least()) {
            String least = field.least() == 1 ? "one" : Integer.toString(field.least());
            problems.broken(path, "must have at least " + least, items.isEmpty() ? "none" : items.size());
        }
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            String at = path + "[" + i + "]";
            if (field.items().type().isRecord()) {
                values.add(read(field.items().type(), at, items.get(i)));
                continue;
            }
            Object value = field.items().scalar(items.get(i));
            if (value != null) {
                values.add(value);
            } else {
                problems.wrong(at, field.items().rule(), items.get(i));
                problems.exclude(path);
            }
        }
        return values;
    }

    private static @Nullable List<?> items(Object given) {
        if (given instanceof JsonNode node) {
            return node.isArray() ? node.valueStream().toList() : null;
        }
        return (List<?>) given;
    }

    private @Nullable Map<String, Object> map(SpecField field, String path, Object given) {
        Map<String, @Nullable Object> entries = new LinkedHashMap<>();
        if (given instanceof Map<?, ?> map) {
            map.forEach((key, value) -> entries.put(String.valueOf(key), value));
        } else if (given instanceof JsonNode node && node.isObject()) {
            node.properties().forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
        } else {
            problems.wrong(path, field.rule(), given);
            return null;
        }
        if (entries.size() > field.most()) {
            problems.broken(path, "must have at most " + field.most() + " entries", entries.size());
        }
        Map<String, Object> values = new LinkedHashMap<>();
        entries.forEach((key, entry) -> {
            Object value = field.items().scalar(entry);
            if (value != null) {
                values.put(key, value);
            } else {
                boolean text = entry instanceof String || (entry instanceof JsonNode node && node.isTextual());
                problems.wrong(path + "." + key, text ? field.items().rule() : "must be a text", entry);
            }
        });
        return values;
    }

    private void refuseUnknown(Class<?> record, String path, Object object) {
        Set<String> unknown = names(object);
        List<String> known = new ArrayList<>();
        for (SpecField field : SpecField.of(record)) {
            unknown.remove(field.name());
            if (field.newName() == null) {
                known.add(field.name());
            }
        }
        problems.unknown(path, unknown, known);
    }

    /** Names of a tree's fields; of a bound record those that it does not know. */
    private static Set<String> names(Object object) {
        if (object instanceof JsonNode node) {
            return node.propertyStream().map(Map.Entry::getKey).collect(Collectors.toCollection(LinkedHashSet::new));
        }
        return Arrays.stream(object.getClass().getRecordComponents())
                .filter(SpecReader::holdsUnknown)
                .map(component -> get(object, component.getName()))
                .filter(Map.class::isInstance)
                .flatMap(unknown -> ((Map<?, ?>) unknown).keySet().stream())
                .map(String::valueOf)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static boolean holdsUnknown(RecordComponent component) {
        return component.getAccessor().isAnnotationPresent(UnknownFields.class);
    }

    /** Value of a field of a tree or of a record. */
    static @Nullable Object get(Object object, String name) {
        if (object instanceof JsonNode node) {
            JsonNode value = node.get(name);
            return value == null || value.isNull() ? null : value;
        }
        try {
            return object.getClass().getMethod(name).invoke(object);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A record with these values, by name; null for the others. */
    static <R> R make(Class<R> record, Map<String, @Nullable Object> values) {
        RecordComponent[] components = record.getRecordComponents();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object[] arguments = Arrays.stream(components)
                .map(component -> values.get(component.getName()))
                .toArray();
        try {
            return record.getConstructor(types).newInstance(arguments);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(record.getName(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
