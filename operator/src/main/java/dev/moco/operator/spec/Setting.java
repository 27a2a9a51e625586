package dev.moco.operator.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A field and the values that it takes, as {@code --set pretrain.temperature=0.1,0.2}.
 *
 * @param path path of the field, such as {@code spec.pretrain.temperature}
 * @param values at least one
 */
public record Setting(String path, List<JsonNode> values) {
    public Setting {
        values = List.copyOf(values);
    }

    /**
     * Reads settings, of which each names another field.
     *
     * @throws StageFailure bad configuration, if one of them cannot be read
     */
    public static List<Setting> read(List<String> texts) {
        List<Setting> settings = new ArrayList<>();
        Set<String> paths = new HashSet<>();
        for (String text : texts) {
            Setting setting = read(text);
            if (!paths.add(setting.path())) {
                throw StageFailure.badConfig("--set must name each field once, found twice " + setting.path()
                        + "; several values are separated by commas");
            }
            settings.add(setting);
        }
        return settings;
    }

    private static Setting read(String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw StageFailure.badConfig(
                    "--set must be FIELD=VALUE,… such as pretrain.temperature=0.1,0.2, found \"" + text + "\"");
        }
        List<FieldSchema> fields = shallowest(
                FieldSchema.ofResource().find(text.substring(0, equals).strip()));
        String paths = fields.stream().map(FieldSchema::path).collect(Collectors.joining(", "));
        if (fields.size() > 1) {
            throw StageFailure.badConfig("--set " + text + " names several fields, choose one: " + paths);
        } else if (!paths.startsWith("spec.")) {
            throw StageFailure.badConfig("--set must name a field of spec, found " + paths);
        }
        List<JsonNode> values = new ArrayList<>();
        for (String value : split(text.substring(equals + 1))) {
            JsonNode read = value(text, value);
            if (values.contains(read)) {
                throw StageFailure.badConfig("--set " + text + " must name each value once, found twice " + read);
            }
            values.add(read);
        }
        return new Setting(paths, values);
    }

    /** Of several fields of one name those nearest to the spec: not the temperature of a monitor. */
    private static List<FieldSchema> shallowest(List<FieldSchema> fields) {
        int depth = fields.stream().mapToInt(Setting::depth).min().orElse(0);
        return fields.stream().filter(field -> depth(field) == depth).toList();
    }

    private static int depth(FieldSchema field) {
        return field.path().split("\\.", -1).length;
    }

    private static JsonNode value(String text, String value) {
        try {
            List<JsonNode> documents = YamlTree.documents(value);
            if (documents.size() == 1) {
                return documents.get(0);
            }
        } catch (JsonProcessingException e) {
            throw StageFailure.badConfig(
                    "--set " + text + ": \"" + value + "\" is not YAML: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw StageFailure.badConfig("--set " + text + " must have a value after = and after each comma");
    }

    /** Parts between commas that are in no brackets, braces or quotes. */
    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        char quote = 0;
        StringBuilder part = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '[' || c == '{') {
                depth++;
            } else if (c == ']' || c == '}') {
                depth--;
            } else if (c == ',' && depth == 0) {
                parts.add(part.toString());
                part.setLength(0);
                continue;
            }
            part.append(c);
        }
        parts.add(part.toString());
        return parts;
    }

    /** Last part of the path. */
    String name() {
        return path.substring(path.lastIndexOf('.') + 1);
    }
}
