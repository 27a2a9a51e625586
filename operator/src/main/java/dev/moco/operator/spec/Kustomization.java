package dev.moco.operator.spec;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Renders Kustomize folders of the kind that {@code pipelines} has: resources of files and folders, names with a prefix or a
 * suffix, and JSON patches of a kind. As kubectl does, it reads no file outside the folder that names it. {@code kubectl
 * kustomize} renders all others, and says what is wrong with them.
 */
final class Kustomization {
    private static final List<String> NAMES = List.of("Kustomization", "kustomization.yaml", "kustomization.yml");
    private static final Set<String> FIELDS =
            Set.of("apiVersion", "kind", "resources", "namePrefix", "nameSuffix", "patches");
    private static final int DEEPEST = 20;
    /** Most files and folders that are read: folders that name others twice would double with each. */
    private static final int MOST = 1000;

    private int resources;

    private Kustomization() {}

    /** Thrown at anything that this class does not render. */
    private static final class Unsupported extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** True if a folder has a Kustomization. */
    static boolean isIn(Path folder) {
        return file(folder).isPresent();
    }

    private static Optional<Path> file(Path folder) {
        return NAMES.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
    }

    /**
     * Documents that a folder makes; empty if only kubectl can render it.
     *
     * @throws StageFailure bad configuration, if a file of it cannot be read
     */
    static Optional<List<JsonNode>> documents(Path folder) throws IOException {
        try {
            return Optional.of(List.copyOf(new Kustomization().render(folder, 0)));
        } catch (Unsupported e) {
            return Optional.empty();
        }
    }

    private List<ObjectNode> render(Path folder, int depth) throws IOException {
        Path file = file(folder).orElseThrow(Unsupported::new);
        List<JsonNode> trees = ExperimentFile.trees(file);
        require(trees.size() == 1 && depth < DEEPEST);
        JsonNode tree = trees.get(0);
        require(tree.isObject()
                && tree.propertyStream().allMatch(field -> FIELDS.contains(field.getKey()))
                && tree.path("kind").asText("Kustomization").equals("Kustomization"));
        List<ObjectNode> made = new ArrayList<>();
        for (JsonNode resource : tree.path("resources")) {
            Path path = path(folder, resource.asText());
            resources++;
            require(resources <= MOST);
            if (Files.isDirectory(path)) {
                made.addAll(render(path, depth + 1));
            } else {
                require(Files.isRegularFile(path) && path.toRealPath().startsWith(folder.toRealPath()));
                for (JsonNode document : ExperimentFile.trees(path)) {
                    require(document.isObject());
                    made.add(document.deepCopy());
                }
            }
        }
        for (JsonNode patch : tree.path("patches")) {
            patch(made, patch);
        }
        String prefix = tree.path("namePrefix").asText("");
        String suffix = tree.path("nameSuffix").asText("");
        for (ObjectNode object : made) {
            require(object.path("metadata").path("name").isTextual());
            ObjectNode metadata = object.withObject("/metadata");
            metadata.put("name", prefix + metadata.get("name").textValue() + suffix);
        }
        return made;
    }

    private static Path path(Path folder, String resource) {
        try {
            return folder.resolve(resource).normalize();
        } catch (InvalidPathException e) {
            throw new Unsupported();
        }
    }

    private static void patch(List<ObjectNode> objects, JsonNode patch) throws IOException {
        JsonNode target = patch.path("target");
        require(patch.size() == 2
                && target.size() == 1
                && target.path("kind").isTextual()
                && patch.path("patch").isTextual());
        List<JsonNode> operations = YamlTree.documents(patch.path("patch").textValue());
        require(operations.size() == 1 && operations.get(0).isArray());
        for (ObjectNode object : objects) {
            if (object.path("kind").equals(target.path("kind"))) {
                for (JsonNode operation : operations.get(0)) {
                    apply(object, operation);
                }
            }
        }
    }

    private static void apply(ObjectNode object, JsonNode operation) {
        String path = operation.path("path").asText("");
        require(path.startsWith("/"));
        JsonPointer pointer = JsonPointer.compile(path);
        require(object.at(pointer.head()) instanceof ObjectNode);
        ObjectNode parent = (ObjectNode) object.at(pointer.head());
        String field = pointer.last().getMatchingProperty();
        switch (operation.path("op").asText("")) {
            case "add" -> require(operation.has("value"));
            case "replace" -> require(operation.has("value") && parent.has(field));
            case "remove" -> require(parent.has(field));
            default -> throw new Unsupported();
        }
        if (operation.has("value")) {
            parent.set(field, operation.get("value").deepCopy());
        } else {
            parent.remove(field);
        }
    }

    private static void require(boolean supported) {
        if (!supported) {
            throw new Unsupported();
        }
    }
}
