package dev.moco.operator.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.moco.contract.NearestName;
import dev.moco.operator.api.Syntax;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one object of the file. Reading one names it as known; a wrong value is noted, and its default goes
 * on, so that one reading finds every problem.
 */
final class Fields {
    private static final int MOST_NUMBERS = 100;
    private static final int MOST_ENTRIES = 32;

    private final String path;
    private final @Nullable JsonNode node;
    private final List<String> problems;
    private final Set<String> known = new LinkedHashSet<>();
    private final Set<String> wrong = new HashSet<>();

    Fields(String path, @Nullable JsonNode node, List<String> problems) {
        this.path = path;
        this.problems = problems;
        if (node != null && !node.isObject()) {
            problem(path.isEmpty() ? "the file" : path, "must be an object", node);
            this.node = null;
        } else {
            this.node = node;
        }
    }

    /** Whether the object itself is there. */
    boolean present() {
        return node != null;
    }

    boolean has(String name) {
        return find(name) != null;
    }

    private @Nullable JsonNode find(String name) {
        known.add(name);
        JsonNode value = node == null ? null : node.get(name);
        return value == null || value.isNull() ? null : value;
    }

    String at(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private static String found(JsonNode value) {
        String text = value.toString();
        return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }

    private void problem(String where, String rule, JsonNode value) {
        problems.add(where + " " + rule + ", found " + found(value));
    }

    private void wrong(String name, String rule, JsonNode value) {
        wrong.add(name);
        problem(at(name), rule, value);
    }

    /** Whether a field has a value that is no value of it, so that its default went on. */
    boolean wrong(String name) {
        return wrong.contains(name);
    }

    /** Notes a rule between fields that is broken, unless the field's own value is wrong already. */
    void broken(String name, String rule, Object value) {
        if (!wrong(name)) {
            problems.add(at(name) + " " + rule + ", found " + value);
        }
    }

    /** Notes a field that must be there. */
    void missing(String name, String rule) {
        problems.add(at(name) + " " + rule);
    }

    /** Notes a text that is one, but not allowed here. */
    void refused(String name, String rule, String value) {
        wrong(name, rule, TextNode.valueOf(value));
    }

    Fields object(String name) {
        return new Fields(at(name), find(name), problems);
    }

    int integer(String name, int fallback, int least, int most) {
        return (int) whole(name, fallback, least, most);
    }

    long whole(String name, long fallback, long least, long most) {
        return read(
                name,
                fallback,
                value -> value.isIntegralNumber() && value.canConvertToLong() && in(value.longValue(), least, most),
                "must be a whole number from " + least + " to " + most,
                JsonNode::longValue);
    }

    private static boolean in(long value, long least, long most) {
        return least <= value && value <= most;
    }

    /** A number of [least, most], or of (least, most] where {@code open}. */
    double decimal(String name, double fallback, double least, boolean open, double most) {
        return read(
                name,
                fallback,
                value -> value.isNumber()
                        && (open ? value.doubleValue() > least : value.doubleValue() >= least)
                        && value.doubleValue() <= most,
                "must be a number " + (open ? "above " : "from ") + number(least) + (open ? " up to " : " to ")
                        + number(most),
                JsonNode::doubleValue);
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    boolean flag(String name, boolean fallback) {
        return read(name, fallback, JsonNode::isBoolean, "must be true or false", JsonNode::booleanValue);
    }

    @Nullable
    String text(String name, Predicate<String> allowed, String rule) {
        JsonNode value = find(name);
        if (value == null) {
            return null;
        }
        if (!value.isTextual() || !allowed.test(value.textValue())) {
            wrong(name, rule, value);
            return null;
        }
        return value.textValue();
    }

    /** A text of at most {@code most} characters that is as {@code syntax} has it. */
    Optional<String> text(String name, int most, String syntax, String rule) {
        return Optional.ofNullable(text(name, text -> fits(text, most, syntax), rule));
    }

    private static boolean fits(String text, int most, String syntax) {
        // As the API server counts: a character outside the basic plane is one.
        return text.codePointCount(0, text.length()) <= most && text.matches(syntax);
    }

    <T> T choice(String name, T fallback, Map<String, T> choices) {
        return read(
                name,
                fallback,
                value -> value.isTextual() && choices.containsKey(value.textValue()),
                "must be one of " + String.join(", ", choices.keySet()),
                value -> choices.getOrDefault(value.textValue(), fallback));
    }

    List<Integer> integers(String name, List<Integer> fallback, int least, int most) {
        return list(
                name,
                MOST_NUMBERS,
                fallback,
                value -> value.isIntegralNumber() && value.canConvertToInt() && in(value.intValue(), least, most),
                "whole numbers from " + least + " to " + most,
                JsonNode::intValue);
    }

    List<Double> decimals(String name, List<Double> fallback, double most) {
        return list(
                name,
                MOST_NUMBERS,
                fallback,
                value -> value.isNumber() && value.doubleValue() > 0 && value.doubleValue() <= most,
                "numbers above 0 up to " + number(most),
                JsonNode::doubleValue);
    }

    List<String> texts(String name, List<String> fallback, int mostItems, int most, String syntax) {
        return list(
                name,
                mostItems,
                fallback,
                value -> value.isTextual() && fits(value.textValue(), most, syntax),
                "texts of at most " + most + " characters",
                JsonNode::textValue);
    }

    /** The objects of a list. */
    List<Fields> objects(String name) {
        JsonNode value = find(name);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray() || value.size() > MOST_ENTRIES) {
            wrong(name, "must be a list of at most " + MOST_ENTRIES + " objects", value);
            return List.of();
        }
        List<Fields> objects = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            objects.add(new Fields(at(name) + "[" + i + "]", value.get(i), problems));
        }
        return objects;
    }

    /** Labels of Kubernetes. */
    Map<String, String> labels(String name) {
        Map<String, String> labels = map(name);
        if (labels.size() > MOST_ENTRIES) {
            broken(name, "must have at most " + MOST_ENTRIES + " entries", labels.size());
        }
        labels.forEach((key, value) -> {
            if (!fits(key, Syntax.KEY_LENGTH, Syntax.KEY)) {
                broken(name, "must have the keys of labels", "\"" + key + "\"");
            }
            if (!fits(value, Syntax.LABEL_LENGTH, Syntax.VALUE)) {
                broken(name + "." + key, "must be the value of a label", "\"" + value + "\"");
            }
        });
        return labels;
    }

    Map<String, String> map(String name) {
        Map<String, String> entries = new LinkedHashMap<>();
        JsonNode value = find(name);
        if (value != null && value.isObject()) {
            value.properties().forEach(entry -> {
                if (entry.getValue().isTextual()) {
                    entries.put(entry.getKey(), entry.getValue().textValue());
                } else {
                    problem(at(name) + "." + entry.getKey(), "must be a text", entry.getValue());
                }
            });
        } else if (value != null) {
            problem(at(name), "must be an object of texts", value);
        }
        return entries;
    }

    private <T> List<T> list(
            String name,
            int most,
            List<T> fallback,
            Predicate<JsonNode> allowed,
            String rule,
            Function<JsonNode, T> convert) {
        JsonNode value = find(name);
        if (value == null) {
            return fallback;
        }
        if (!value.isArray() || value.size() > most) {
            wrong(name, "must be a list of at most " + most + " " + rule, value);
            return fallback;
        }
        List<T> items = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            if (allowed.test(value.get(i))) {
                items.add(convert.apply(value.get(i)));
            } else {
                wrong.add(name);
                problem(at(name) + "[" + i + "]", "must be one of " + rule, value.get(i));
            }
        }
        return items;
    }

    private <T> T read(
            String name, T fallback, Predicate<JsonNode> allowed, String rule, Function<JsonNode, T> convert) {
        JsonNode value = find(name);
        if (value == null) {
            return fallback;
        }
        if (!allowed.test(value)) {
            wrong(name, rule, value);
            return fallback;
        }
        return convert.apply(value);
    }

    /** Notes every field that nobody read, with the nearest name that is known. */
    void refuseOthers() {
        if (node == null) {
            return;
        }
        node.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                problems.add(at(name) + " is not a field; nearest is \"" + NearestName.of(name, known)
                        + "\", known are: " + String.join(", ", known));
            }
        });
    }
}
