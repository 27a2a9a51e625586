package dev.moco.operator.spec;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Fields in which experiments differ, among those that define results and that one of them states.
 *
 * @param paths paths below {@code spec}, such as {@code pretrain.temperature}, in the order of the documents
 * @param values for each experiment its values, in the order of the paths, with defaults
 */
public record VariedFields(List<String> paths, List<List<String>> values) {
    private static final List<String> SECTIONS = List.of("data", "encoder", "pretrain", "linear", "detection");

    public VariedFields {
        paths = List.copyOf(paths);
        values = values.stream().map(List::copyOf).toList();
    }

    /** Compares valid experiments. */
    public static VariedFields of(List<JsonNode> trees) {
        Set<String> stated = new LinkedHashSet<>();
        List<Map<String, String>> all = new ArrayList<>();
        for (JsonNode tree : trees) {
            stated.addAll(leaves(tree.path("spec")).keySet());
            all.add(leaves(ExperimentTree.withDefaults(tree)));
        }
        List<String> varied = stated.stream()
                .filter(path -> all.stream()
                                .map(values -> values.getOrDefault(path, ""))
                                .distinct()
                                .count()
                        > 1)
                .toList();
        return new VariedFields(
                varied,
                all.stream()
                        .map(values -> varied.stream()
                                .map(path -> values.getOrDefault(path, ""))
                                .toList())
                        .toList());
    }

    private static Map<String, String> leaves(JsonNode spec) {
        Map<String, String> leaves = new LinkedHashMap<>();
        SECTIONS.forEach(section -> add(leaves, section, spec.path(section)));
        return leaves;
    }

    private static void add(Map<String, String> leaves, String path, JsonNode node) {
        if (node.isObject()) {
            node.propertyStream().forEach(field -> add(leaves, path + "." + field.getKey(), field.getValue()));
        } else if (!node.isMissingNode() && !node.isNull()) {
            leaves.put(path, node.isValueNode() ? node.asText() : node.toString());
        }
    }
}
