package dev.moco.operator.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.contract.NearestName;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * A field of {@code MoCoExperiment} as the schema of the resource describes it, which has defaults and bounds in its sentences.
 *
 * @param path its path, such as {@code spec.pretrain.epochs}; empty for the resource
 * @param schema its schema
 */
public record FieldSchema(String path, JsonNode schema) {
    private static final String FILE = "mocoexperiments.moco.dev-v1.yml";
    private static final String KIND = "mocoexperiment";

    /** The resource. */
    public static FieldSchema ofResource() {
        try (InputStream file = FieldSchema.class.getResourceAsStream("/" + FILE)) {
            if (file == null) {
                throw StageFailure.fault(FILE + " is not on the class path");
            }
            JsonNode crd = new YAMLMapper().readTree(file);
            return new FieldSchema(
                    "", crd.path("spec").path("versions").path(0).path("schema").path("openAPIV3Schema"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Finds fields by a path from the resource ({@code spec.pretrain.epochs}) or from its spec ({@code pretrain.epochs}), or by
     * a name alone ({@code epochs}), which several may have.
     *
     * @throws StageFailure bad configuration, if there is none; it names the nearest
     */
    public List<FieldSchema> find(String text) {
        List<String> names = new ArrayList<>(List.of(text.replace("[]", "").split("\\.", -1)));
        if (names.get(0).toLowerCase(Locale.ROOT).startsWith(KIND)) {
            names.remove(0);
        }
        FieldSchema field = this;
        if (!names.isEmpty() && !fields().containsKey(names.get(0))) {
            field = fields().getOrDefault("spec", this);
            if (names.size() == 1 && !field.fields().containsKey(names.get(0))) {
                return named(names.get(0));
            }
        }
        for (String name : names) {
            FieldSchema next = field.fields().get(name);
            if (next == null) {
                throw unknown(field.path + "." + name, name, field.fields().keySet());
            }
            field = next;
        }
        return List.of(field);
    }

    /** All fields of the spec with a name, at any depth. */
    private List<FieldSchema> named(String name) {
        List<FieldSchema> all = new ArrayList<>();
        fields().getOrDefault("spec", this).addTo(all);
        List<FieldSchema> found = all.stream()
                .filter(field -> field.name().equalsIgnoreCase(name))
                .toList();
        if (found.isEmpty()) {
            String nearest = NearestName.of(
                    name, new TreeSet<>(all.stream().map(FieldSchema::name).toList()));
            throw StageFailure.badConfig(name + " is not a field of MoCoExperiment; nearest is "
                    + all.stream()
                            .filter(field -> field.name().equals(nearest))
                            .map(FieldSchema::path)
                            .collect(Collectors.joining(", ")));
        }
        return found;
    }

    private static StageFailure unknown(String path, String name, Iterable<String> known) {
        List<String> names = new ArrayList<>();
        known.forEach(names::add);
        return StageFailure.badConfig(path + " is not a field; "
                + (names.isEmpty()
                        ? "nothing is below it"
                        : "nearest is \"" + NearestName.of(name, names) + "\", known are: "
                                + String.join(", ", names)));
    }

    private void addTo(List<FieldSchema> all) {
        fields().values().forEach(field -> {
            all.add(field);
            field.addTo(all);
        });
    }

    /** Last part of its path. */
    public String name() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** Fields of an object, or of the objects of a list, by name; none for anything else. */
    public Map<String, FieldSchema> fields() {
        Map<String, FieldSchema> fields = new LinkedHashMap<>();
        JsonNode items = schema.path("items");
        (items.isMissingNode() ? schema : items)
                .path("properties")
                .propertyStream()
                .forEach(property -> {
                    String name = property.getKey();
                    fields.put(name, new FieldSchema(path.isEmpty() ? name : path + "." + name, property.getValue()));
                });
        return fields;
    }

    /** Type, such as {@code <integer>} or {@code <[]number>}. */
    public String type() {
        JsonNode items = schema.path("items");
        return items.isMissingNode()
                ? "<" + schema.path("type").asText("object") + ">"
                : "<[]" + items.path("type").asText("object") + ">";
    }

    public String description() {
        return schema.path("description").asText("");
    }

    /** Values that it may have; empty if they are not listed. */
    public List<String> choices() {
        return StreamSupport.stream(schema.path("enum").spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }
}
