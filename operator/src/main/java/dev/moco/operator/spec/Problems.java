package dev.moco.operator.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.contract.NearestName;
import dev.moco.contract.Printable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Problems of a spec. Each gives the path, the rule and the found value; all together have a bounded length. */
final class Problems {
    private static final int MOST_PROBLEMS = 50;
    private static final int MOST_OF_VALUE = 80;
    /** Exceeded only by a path with a name that the spec chose. */
    private static final int MOST_OF_PATH = 120;
    /** A longer name is no misspelled field. */
    private static final int MOST_OF_NAME = 64;

    private static final JsonMapper JSON = new JsonMapper();

    private final List<String> first = new ArrayList<>();
    private final Set<String> wrong = new HashSet<>();
    private int count;

    boolean isEmpty() {
        return count == 0;
    }

    /** Number of problems and the first of them, a line each. */
    String text() {
        List<String> lines = new ArrayList<>(first);
        if (count > first.size()) {
            lines.add("and " + (count - first.size()) + " more");
        }
        return count + (count > 1 ? " problems" : " problem") + ":\n  " + String.join("\n  ", lines);
    }

    /**
     * Adds a problem for a field whose own value is refused; its default is used in the remaining checks, so that one
     * reading finds every problem.
     */
    void wrong(String path, String rule, @Nullable Object found) {
        wrong.add(path);
        add(path, () -> rule + ", found " + json(found));
    }

    /** Excludes a field from rules between fields, without adding a problem. */
    void exclude(String path) {
        wrong.add(path);
    }

    /** Returns whether the value of a field, or of an object or list around it, is refused. */
    boolean isWrong(String path) {
        String at = path;
        while (!at.isEmpty() && !wrong.contains(at)) {
            at = at.substring(0, Math.max(0, Math.max(at.lastIndexOf('.'), at.lastIndexOf('['))));
        }
        return !at.isEmpty();
    }

    /** Adds a problem for a broken rule between fields, unless the field's own value is wrong already. */
    void broken(String path, String rule, Object found) {
        if (!isWrong(path)) {
            add(path, () -> rule + ", found " + cut(Printable.line(found.toString()), MOST_OF_VALUE));
        }
    }

    /** Adds a problem for a missing required field. */
    void missing(String path, String rule) {
        wrong.add(path);
        add(path, () -> rule);
    }

    /** Adds a problem for each unknown field of an object, with the nearest known name. */
    void unknown(String path, Collection<String> names, Collection<String> known) {
        for (String name : names) {
            add(
                    path.isEmpty() ? name : path + "." + name,
                    () -> "is not a field; " + nearest(name, known) + "known are: " + String.join(", ", known));
        }
    }

    private static String nearest(String name, Collection<String> known) {
        return name.length() > MOST_OF_NAME ? "" : "nearest is \"" + NearestName.of(name, known) + "\", ";
    }

    private void add(String path, Supplier<String> problem) {
        count++;
        if (first.size() < MOST_PROBLEMS) {
            first.add(cut(Printable.line(path), MOST_OF_PATH) + " " + problem.get());
        }
    }

    private static String json(@Nullable Object found) {
        return cut(Printable.line(JSON.<JsonNode>valueToTree(found).toString()), MOST_OF_VALUE);
    }

    private static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        // Half a surrogate pair could not be written to the status.
        int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
        return text.substring(0, end) + "…";
    }
}
