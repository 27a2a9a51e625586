package dev.moco.operator.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.contract.NearestName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Problems of a spec. Each gives the path, the rule and the found value. */
final class Problems {
    private static final int MOST_CHARACTERS = 80;
    private static final JsonMapper JSON = new JsonMapper();

    private final List<String> problems = new ArrayList<>();
    private final Set<String> wrong = new HashSet<>();

    List<String> list() {
        return List.copyOf(problems);
    }

    /** Adds a problem for a field whose own value is refused; its default is used in the remaining checks, so that one reading finds every problem. */
    void wrong(String path, String rule, @Nullable Object found) {
        wrong.add(path);
        problems.add(path + " " + rule + ", found " + text(found));
    }

    /** Excludes a field from rules between fields, without adding a problem. */
    void exclude(String path) {
        wrong.add(path);
    }

    boolean isWrong(String path) {
        return wrong.contains(path);
    }

    /** Adds a problem for a broken rule between fields, unless the field's own value is wrong already. */
    void broken(String path, String rule, Object found) {
        if (!isWrong(path)) {
            problems.add(path + " " + rule + ", found " + found);
        }
    }

    /** Adds a problem for a missing required field. */
    void missing(String path, String rule) {
        wrong.add(path);
        problems.add(path + " " + rule);
    }

    /** Adds a problem for an unknown field, with the nearest known name. */
    void unknown(String path, String name, Collection<String> known) {
        problems.add((path.isEmpty() ? name : path + "." + name) + " is not a field; nearest is \""
                + NearestName.of(name, known) + "\", known are: " + String.join(", ", known));
    }

    private static String text(@Nullable Object found) {
        String text = JSON.<JsonNode>valueToTree(found).toString();
        return text.length() > MOST_CHARACTERS ? text.substring(0, MOST_CHARACTERS) + "…" : text;
    }
}
