package dev.moco.operator.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.operator.api.Changes;
import dev.moco.operator.api.DefaultBy;
import dev.moco.operator.api.Immutable;
import dev.moco.operator.api.Renamed;
import dev.moco.operator.api.Rule;
import dev.moco.operator.api.UnknownFields;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A field of the spec as its record of package {@code api} declares it: type, default and bounds. The annotations are
 * the one declaration of these: the reader, the schema and the description in it take them from here.
 */
public final class SpecField {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final JsonMapper JSON = new JsonMapper();
    private static final ClassValue<List<SpecField>> FIELDS = new ClassValue<>() {
        @Override
        protected List<SpecField> computeValue(Class<?> record) {
            return Arrays.stream(record.getRecordComponents())
                    .map(component -> field(record, component.getName()))
                    .filter(field -> !field.isAnnotationPresent(UnknownFields.class))
                    .map(field -> new SpecField(field.getName(), field, field.getAnnotatedType()))
                    .toList();
        }
    };

    private final String name;
    private final AnnotatedElement annotations;
    private final Class<?> type;
    private final @Nullable SpecField items;
    private final @Nullable JsonNode preset;
    private final Map<String, Object> choices;
    private final @Nullable ChosenDefaults chosen;

    private SpecField(String name, AnnotatedElement annotations, AnnotatedType type) {
        this.name = name;
        this.annotations = annotations;
        this.type = raw(type.getType());
        this.items = type instanceof AnnotatedParameterizedType list ? itemsOf(list) : null;
        Default declared = annotations.getAnnotation(Default.class);
        this.preset = declared == null ? null : yaml(declared.value());
        DefaultBy by = annotations.getAnnotation(DefaultBy.class);
        this.chosen =
                by == null ? null : new ChosenDefaults(choices(by.choice()).keySet(), yaml(by.value()));
        this.choices = choices(this.type);
        if (required() && this.type != String.class && !this.type.isRecord()) {
            throw new IllegalStateException(name + " is required, but neither a text nor an object");
        }
    }

    /** Fields of a record, in its order. */
    public static List<SpecField> of(Class<?> record) {
        return FIELDS.get(record);
    }

    private static Field field(Class<?> record, String name) {
        try {
            return record.getDeclaredField(name);
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Class<?> raw(Type type) {
        return (Class<?>) (type instanceof ParameterizedType list ? list.getRawType() : type);
    }

    /** Items of a list, or values of a map. */
    private static SpecField itemsOf(AnnotatedParameterizedType list) {
        AnnotatedType[] arguments = list.getAnnotatedActualTypeArguments();
        AnnotatedType items = arguments[arguments.length - 1];
        return new SpecField("", items, items);
    }

    private static JsonNode yaml(String text) {
        try {
            return YAML.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(text, e);
        }
    }

    private static Map<String, Object> choices(Class<?> type) {
        Map<String, Object> choices = new LinkedHashMap<>();
        if (type.isEnum()) {
            for (Object constant : type.getEnumConstants()) {
                choices.put(name((Enum<?>) constant), constant);
            }
        }
        return choices;
    }

    /** Name of an enum's constant on the wire. */
    public static String name(Enum<?> constant) {
        return JSON.convertValue(constant, String.class);
    }

    public String name() {
        return name;
    }

    /** Class of its values: a record, a list, a map, an enum or a scalar. */
    public Class<?> type() {
        return type;
    }

    /** Items of a list, or values of a map, which it must be. */
    public SpecField items() {
        return Objects.requireNonNull(items, name);
    }

    boolean required() {
        return annotations.isAnnotationPresent(Required.class);
    }

    @Nullable
    JsonNode preset() {
        return preset;
    }

    /** Its defaults by a choice; null for a field that has the same one for all. */
    public @Nullable ChosenDefaults chosen() {
        return chosen;
    }

    /** The name that replaced this one; null if none did. */
    @Nullable
    String newName() {
        Renamed renamed = annotations.getAnnotation(Renamed.class);
        return renamed == null ? null : renamed.value();
    }

    /** Returns whether it is the old name of a field, which is refused. */
    public boolean isOldName() {
        return newName() != null;
    }

    /** Sentence that says when a change takes effect; empty if it is that of the group, or there is no change. */
    public Optional<String> change() {
        return Optional.ofNullable(annotations.getAnnotation(Changes.class)).map(Changes::value);
    }

    /** Least length of a list. */
    int least() {
        Size size = annotations.getAnnotation(Size.class);
        return size == null ? 0 : (int) size.min();
    }

    /** Greatest length of a text, list or map. */
    int most() {
        Size size = annotations.getAnnotation(Size.class);
        return size == null ? Integer.MAX_VALUE : (int) size.max();
    }

    /** Scalar of a node or a bound value; null if it has not this field's type. */
    @Nullable
    Object scalar(@Nullable Object given) {
        Object value = given instanceof JsonNode node ? bind(node) : given;
        return value != null && type.isInstance(value) && allows(value) ? value : null;
    }

    private @Nullable Object bind(JsonNode node) {
        if (type == Integer.class) {
            return node.isIntegralNumber() && node.canConvertToInt() ? node.intValue() : null;
        }
        if (type == Long.class) {
            return node.isIntegralNumber() && node.canConvertToLong() ? node.longValue() : null;
        }
        if (type == Double.class) {
            return node.isNumber() ? node.doubleValue() : null;
        }
        if (type == Boolean.class) {
            return node.isBoolean() ? node.booleanValue() : null;
        }
        if (!node.isTextual()) {
            return null;
        }
        return type.isEnum() ? choices.get(node.textValue()) : node.textValue();
    }

    private boolean allows(Object value) {
        if (value instanceof Number number) {
            Min min = annotations.getAnnotation(Min.class);
            Max max = annotations.getAnnotation(Max.class);
            double found = number.doubleValue();
            return (min == null || (min.inclusive() ? found >= min.value() : found > min.value()))
                    && (max == null || found <= max.value());
        }
        if (value instanceof String text) {
            Pattern pattern = annotations.getAnnotation(Pattern.class);
            // As the API server counts: a character outside the basic plane is one.
            return text.codePointCount(0, text.length()) <= most()
                    && (pattern == null || text.matches(pattern.value()));
        }
        return true;
    }

    /** The rule of a value, as text. */
    String rule() {
        Rule rule = annotations.getAnnotation(Rule.class);
        if (rule != null) {
            return rule.value();
        }
        if (type == Boolean.class) {
            return "must be true or false";
        }
        if (type.isEnum()) {
            return "must be one of " + String.join(", ", choices.keySet());
        }
        if (type == List.class) {
            return "must be a list of at most " + most() + " " + items().plural();
        }
        if (type == Map.class) {
            return "must be an object of texts";
        }
        return "must be a " + plural().replaceFirst("s\\b", "");
    }

    /** The kind of a list's items with their bounds, as text. */
    String plural() {
        if (type == String.class) {
            return "texts of at most " + most() + " characters";
        }
        if (!Number.class.isAssignableFrom(type)) {
            return "objects";
        }
        return (type == Double.class ? "numbers " : "whole numbers ") + range("above %s up to %s");
    }

    private String range(String open) {
        Min min = Objects.requireNonNull(annotations.getAnnotation(Min.class), name);
        Max max = Objects.requireNonNull(annotations.getAnnotation(Max.class), name);
        return (min.inclusive() ? "from %s to %s" : open).formatted(number(min.value()), number(max.value()));
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    /** Bounds and default as sentences, for the generator of the CRD, which appends them to the field's description. */
    public String sentences() {
        String newName = newName();
        if (newName != null) {
            return "Renamed to " + newName + "; refused.";
        }
        List<String> sentences = new ArrayList<>();
        if (Number.class.isAssignableFrom(type)) {
            String range = range("above %s, up to %s");
            sentences.add(range.substring(0, 1).toUpperCase(Locale.ROOT) + range.substring(1));
        } else if (type == String.class && !annotations.isAnnotationPresent(Pattern.class)) {
            sentences.add("At most " + most() + " characters");
        } else if (type == List.class) {
            sentences.add((least() > 0 ? least() + " to " : "At most ") + most() + " " + items().plural());
        } else if (type == Map.class) {
            sentences.add("At most " + most() + " entries");
        }
        if (required()) {
            sentences.add("Required");
        }
        if (preset != null && !type.isRecord()) {
            sentences.add("Defaults to " + ChosenDefaults.text(preset));
        }
        if (chosen != null) {
            sentences.addAll(chosen.sentences());
        }
        if (annotations.isAnnotationPresent(Immutable.class)) {
            sentences.add("Immutable");
        }
        return sentences.stream().map(sentence -> sentence + ".").collect(Collectors.joining(" "));
    }
}
