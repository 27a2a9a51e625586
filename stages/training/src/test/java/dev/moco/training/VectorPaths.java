package dev.moco.training;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Paths of the numbers of a vector file. */
final class VectorPaths {
    private VectorPaths() {}

    /** Positions of the numbers by path, which omits the indices of arrays: {@code cases[].steps[].loss}. */
    static Map<String, List<JsonPointer>> of(JsonNode file) {
        Map<String, List<JsonPointer>> numbers = new LinkedHashMap<>();
        collect(file, JsonPointer.empty(), "", numbers);
        return numbers;
    }

    private static void collect(JsonNode node, JsonPointer at, String path, Map<String, List<JsonPointer>> numbers) {
        if (node.isNumber()) {
            numbers.computeIfAbsent(path, first -> new ArrayList<>()).add(at);
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                collect(node.get(i), at.appendIndex(i), path + "[]", numbers);
            }
        } else {
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                String name = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
                collect(field.getValue(), at.appendProperty(field.getKey()), name, numbers);
            }
        }
    }
}
