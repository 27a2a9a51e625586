package dev.moco.operator.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.contract.Sha256;
import dev.moco.contract.StageFailure;
import dev.moco.operator.api.Syntax;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Variants of an experiment: one for each combination of values, with a name of its own. */
final class Variants {
    private static final int MOST = 1000;
    /** Digits of a hash, where values make no name of their own. */
    private static final int DIGITS = 8;

    private final List<Setting> settings;
    private final List<JsonNode> trees = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    private Variants(List<Setting> settings) {
        this.settings = settings;
    }

    /**
     * All variants; the values of the last field change first. Without settings it is the experiment itself.
     *
     * @param tree document of an experiment, unchecked
     */
    static List<JsonNode> of(JsonNode tree, List<Setting> settings) {
        if (settings.isEmpty() || !tree.isObject()) {
            return List.of(tree);
        }
        long count = settings.stream()
                .mapToLong(setting -> setting.values().size())
                .reduce(1, (one, other) -> Math.min(MOST + 1, one * other));
        if (count > MOST) {
            throw StageFailure.badConfig("--set must make at most " + MOST + " experiments of one");
        }
        Variants variants = new Variants(settings);
        variants.add(tree, List.of());
        return List.copyOf(variants.trees);
    }

    private void add(JsonNode tree, List<JsonNode> chosen) {
        if (chosen.size() < settings.size()) {
            for (JsonNode value : settings.get(chosen.size()).values()) {
                List<JsonNode> more = new ArrayList<>(chosen);
                more.add(value);
                add(tree, more);
            }
            return;
        }
        ObjectNode variant = tree.deepCopy();
        for (int i = 0; i < settings.size(); i++) {
            ExperimentTree.set(variant, settings.get(i).path(), chosen.get(i).deepCopy());
        }
        String base = tree.path("metadata").path("name").asText("");
        if (!base.isEmpty()) {
            ExperimentTree.set(variant, "metadata.name", variant.textNode(name(base, chosen)));
        }
        trees.add(variant);
    }

    /** The experiment's name with each field and its value: {@code quickstart-temperature-0-1}. */
    private String name(String base, List<JsonNode> values) {
        StringBuilder name = new StringBuilder(base);
        for (int i = 0; i < values.size(); i++) {
            name.append('-')
                    .append(label(fieldName(settings.get(i)).replaceAll("([a-z])([A-Z])", "$1-$2")))
                    .append('-')
                    .append(label(text(values.get(i))));
        }
        String plain = name.toString().replaceFirst("-+$", "");
        if (plain.length() <= Syntax.LABEL_LENGTH && names.add(plain)) {
            return plain;
        }
        String hash =
                Sha256.of((base + values).getBytes(StandardCharsets.UTF_8)).substring(0, DIGITS);
        int most = Syntax.LABEL_LENGTH - DIGITS - 1;
        String hashed = plain.substring(0, Math.min(plain.length(), most)).replaceFirst("-+$", "") + "-" + hash;
        names.add(hashed);
        return hashed;
    }

    /** Last part of the path, with the section where another field has the same. */
    private String fieldName(Setting setting) {
        boolean shared = settings.stream()
                        .filter(other -> other.name().equals(setting.name()))
                        .count()
                > 1;
        return shared ? setting.path().substring("spec.".length()) : setting.name();
    }

    private static String text(JsonNode value) {
        return value.isValueNode() ? value.asText() : value.toString();
    }

    /** Lower-case letters, digits and single dashes. */
    private static String label(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    }
}
