package dev.moco.operator.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import dev.moco.operator.api.DefaultBy;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Defaults of a field by a choice, as {@link DefaultBy} declares them. */
public final class ChosenDefaults {
    private final List<String> choices;
    private final JsonNode presets;

    /** Takes the names of all choices, and an object with the defaults of those that have the field. */
    ChosenDefaults(Collection<String> choices, JsonNode presets) {
        this.choices = List.copyOf(choices);
        this.presets = presets;
        List<String> unknown = presets.propertyStream()
                .map(Map.Entry::getKey)
                .filter(name -> !choices.contains(name))
                .toList();
        if (!unknown.isEmpty()) {
            throw new IllegalStateException(unknown + " are not in " + choices);
        }
    }

    /** The choices that have the field. */
    public List<String> having() {
        return choices.stream().filter(presets::has).toList();
    }

    /** Returns whether a choice has no such field. */
    public boolean lacking() {
        return having().size() < choices.size();
    }

    /** The problem of such a field with a choice, as text. */
    public String belongs(String chooser, String choice) {
        return "belongs to " + chooser + " " + join(having(), " or ") + "; " + choice + " has none";
    }

    /** The declared default of a choice: a value or a text that ends in {@link DefaultBy#PER_BATCH}; null for none. */
    public @Nullable JsonNode preset(String choice) {
        JsonNode preset = presets.path(choice);
        return preset.isMissingNode() || preset.isNull() ? null : preset;
    }

    /** The default of a choice with a batch size; null for none. */
    @Nullable
    JsonNode preset(String choice, int batchSize) {
        JsonNode preset = preset(choice);
        if (preset != null && preset.asText().endsWith(DefaultBy.PER_BATCH)) {
            String rate = preset.asText().substring(0, preset.asText().length() - DefaultBy.PER_BATCH.length());
            return DoubleNode.valueOf(Double.parseDouble(rate) * batchSize / DefaultBy.BATCH);
        }
        return preset;
    }

    /** The choices that have the field, and its defaults, as sentences without their full stops. */
    List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        if (lacking()) {
            sentences.add("Only with " + join(having(), " and "));
        }
        Map<String, List<String>> byText = new LinkedHashMap<>();
        for (String choice : having()) {
            JsonNode preset = preset(choice);
            if (preset != null) {
                byText.computeIfAbsent(text(preset), text -> new ArrayList<>()).add(choice);
            }
        }
        if (byText.size() == 1) {
            sentences.add("Defaults to " + byText.keySet().iterator().next());
        } else if (!byText.isEmpty()) {
            List<String> defaults = new ArrayList<>();
            byText.forEach((text, names) -> defaults.add(text + " with " + join(names, " and ")));
            sentences.add("Defaults to " + String.join(", ", defaults));
        }
        return sentences;
    }

    /** Names with commas, and a word before the last. */
    private static String join(List<String> names, String last) {
        int end = names.size() - 1;
        return end == 0 ? names.get(0) : String.join(", ", names.subList(0, end)) + last + names.get(end);
    }

    /** Default as text. */
    static String text(JsonNode preset) {
        if (preset.isArray()) {
            return StreamSupport.stream(preset.spliterator(), false)
                    .map(JsonNode::asText)
                    .collect(Collectors.joining(", "));
        }
        if (preset.isNumber()) {
            return new BigDecimal(preset.asText()).stripTrailingZeros().toPlainString();
        }
        return preset.asText().isEmpty() ? "an empty text" : preset.asText();
    }
}
