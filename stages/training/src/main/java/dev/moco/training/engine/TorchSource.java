package dev.moco.training.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Python files joined into the one file that a TorchScript archive has, in the dialect that {@code torch.jit.save} writes.
 *
 * <p>A file holds functions, {@code NamedTuple}s and constants ({@code NAME = literal}), and imports what it uses of other
 * files: {@code from dev.moco.training.resnet.tape import push} reads {@code /dev/moco/training/resnet/tape.py} from the
 * class path. That dialect has neither imports, nor constants, nor the names of PyTorch's types, nor docstrings: imports and
 * docstrings become empty lines, and names are replaced; line numbers stay the same. Functions and types are named
 * {@code __torch__.NAME} in the dialect, for which reason a name may be declared once only in all files of a program.
 *
 * <p>Each function becomes a method of a module, so that all are compiled, and must have a return type. Java passes a
 * {@code NamedTuple} as a tuple of its fields; it cannot call functions that take lists or tuples of these.
 */
final class TorchSource {
    /** PyTorch's names that are plain numbers in the dialect: values of c10::ScalarType and c10::MemoryFormat. */
    private static final Map<String, String> TORCH_CONSTANTS = Map.of(
            "torch.uint8", "0",
            "torch.int32", "3",
            "torch.int64", "4",
            "torch.float32", "6",
            "torch.float64", "7",
            "torch.bfloat16", "15",
            "torch.channels_last", "2");

    private static final String PROJECT = "dev.moco.";
    private static final String NAMESPACE = "__torch__.";
    private static final Pattern IMPORT =
            Pattern.compile("^from (\\S+) import (?:\\([^)]*\\)|[^\\n]*)$|^import [^\\n]*$", Pattern.MULTILINE);
    private static final Pattern CONSTANT = Pattern.compile("^([A-Z][A-Z0-9_]*) = (.*)$", Pattern.MULTILINE);
    private static final Pattern FUNCTION =
            Pattern.compile("^def (\\w+)\\(([^)]*)\\) -> ([^\\n]*):$", Pattern.MULTILINE);
    private static final Pattern FUNCTION_NAME = Pattern.compile("^def (\\w+)", Pattern.MULTILINE);
    private static final Pattern NAMED_TUPLE =
            Pattern.compile("^class (\\w+)\\(NamedTuple\\):\\n((?:[ ]+[^\\n]*\\n|[ ]*\\n)*)", Pattern.MULTILINE);
    private static final Pattern FIELD = Pattern.compile("^ +\\w+: ([^\\n]*?) *$", Pattern.MULTILINE);
    private static final Pattern DECLARATION = Pattern.compile("^(?:def|class) (\\w+)\\(", Pattern.MULTILINE);
    private static final Pattern TOKEN =
            Pattern.compile("(?<docstring>\"\"\"[\\s\\S]*?\"\"\")|(?<comment>#[^\\n]*)|(?<string>\"[^\"\\n]*\")"
                    + "|(?<![\\w.])(?<name>[A-Za-z_]\\w*(?:\\.[A-Za-z_]\\w*)*)");

    private final Map<String, String> replacements;
    private final Map<String, String> texts = new LinkedHashMap<>();
    private final NavigableMap<Integer, String> firstLines = new TreeMap<>();
    private final String joined;

    /**
     * Reads files and what they import.
     *
     * @param replacements files that are read in place of others, by the name of the other
     * @param resources absolute names on the class path
     */
    TorchSource(Map<String, String> replacements, List<String> resources) {
        this.replacements = Map.copyOf(replacements);
        resources.forEach(this::read);
        StringBuilder python = new StringBuilder();
        int line = 0;
        for (Map.Entry<String, String> file : texts.entrySet()) {
            firstLines.put(line, file.getKey());
            python.append(file.getValue());
            line += lines(file.getValue());
        }
        String functions = dialect(python.toString());
        requireReturnTypes(functions);
        joined = functions + module(functions);
    }

    /** The whole text. */
    String text() {
        return joined;
    }

    /** File and line of a line of the text; empty for a line that no file has. */
    Optional<String> place(int line) {
        Map.Entry<Integer, String> file = firstLines.lowerEntry(line);
        return file == null || line - file.getKey() > lines(texts.getOrDefault(file.getValue(), ""))
                ? Optional.empty()
                : Optional.of(file.getValue() + ":" + (line - file.getKey()));
    }

    private void requireReturnTypes(String functions) {
        Matcher function = FUNCTION.matcher(functions);
        FUNCTION_NAME.matcher(functions).results().forEach(name -> {
            if (!function.region(name.start(), functions.length()).lookingAt()) {
                int line = 1 + lines(functions.substring(0, name.start()));
                throw new IllegalArgumentException(
                        place(line).orElseThrow() + ": function " + name.group(1) + " needs a return type");
            }
        });
    }

    private void read(String resource) {
        String file = replacements.getOrDefault(resource, resource);
        if (texts.containsKey(file)) {
            return;
        }
        String text = resourceText(file);
        texts.put(file, text.endsWith("\n") ? text : text + "\n");
        IMPORT.matcher(text)
                .results()
                .map(found -> found.group(1))
                .filter(module -> module != null && module.startsWith(PROJECT))
                .forEach(module -> read("/" + module.replace('.', '/') + ".py"));
    }

    private static String resourceText(String resource) {
        try (InputStream stream = TorchSource.class.getResourceAsStream(resource)) {
            if (stream == null) {
                throw new IllegalArgumentException("no TorchScript resource " + resource);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces what the dialect lacks, line by line. */
    private static String dialect(String python) {
        String text = IMPORT.matcher(python).replaceAll(found -> emptyLines(found.group()));
        Map<String, String> names = new HashMap<>(TORCH_CONSTANTS);
        CONSTANT.matcher(text).results().forEach(found -> declare(names, found.group(1), found.group(2)));
        text = CONSTANT.matcher(text).replaceAll("");
        Set<String> declared = new HashSet<>();
        for (MatchResult found : DECLARATION.matcher(text).results().toList()) {
            if (!declared.add(found.group(1))) {
                throw new IllegalArgumentException("TorchScript resources declare " + found.group(1) + " twice");
            }
        }
        return withNames(text, names, declared);
    }

    private static void declare(Map<String, String> constants, String name, String value) {
        String before = constants.put(name, value);
        if (before != null && !before.equals(value)) {
            throw new IllegalArgumentException("TorchScript resources declare " + name + " twice");
        }
    }

    private static String withNames(String text, Map<String, String> constants, Set<String> declared) {
        StringBuilder out = new StringBuilder();
        Matcher token = TOKEN.matcher(text);
        while (token.find()) {
            String name = token.group("name");
            String replacement = token.group();
            if (token.group("docstring") != null || token.group("comment") != null) {
                replacement = emptyLines(replacement);
            } else if (name != null && constants.containsKey(name)) {
                replacement = constants.get(name);
            } else if (name != null && declared.contains(name) && isReference(text, token.start(), token.end())) {
                replacement = NAMESPACE + name;
            }
            token.appendReplacement(out, Matcher.quoteReplacement(replacement));
        }
        return token.appendTail(out).toString();
    }

    /** True unless a name is being declared, or belongs to a variable with the name of a function. */
    private static boolean isReference(String text, int start, int end) {
        boolean declaration = text.startsWith("def ", start - 4) || text.startsWith("class ", start - 6);
        boolean type = Character.isUpperCase(text.charAt(start));
        return !declaration && (type || text.startsWith("(", end));
    }

    /** The module that Java calls, with a method for each function. */
    private static String module(String functions) {
        Map<String, List<String>> fields = NAMED_TUPLE
                .matcher(functions)
                .results()
                .collect(Collectors.toMap(
                        found -> NAMESPACE + found.group(1),
                        found -> FIELD.matcher(found.group(2))
                                .results()
                                .map(field -> field.group(1))
                                .toList()));
        StringBuilder module = new StringBuilder("""
                class Program(Module):
                  __parameters__ = []
                  __buffers__ = []
                  training : bool
                """);
        FUNCTION.matcher(functions)
                .results()
                .forEach(function ->
                        module.append(method(function.group(1), function.group(2), function.group(3), fields)));
        return module.toString();
    }

    private static String method(String name, String parameters, String result, Map<String, List<String>> fields) {
        StringBuilder declared = new StringBuilder("self");
        List<String> passed = new ArrayList<>();
        for (String parameter : split(parameters)) {
            int colon = parameter.indexOf(':');
            String variable = parameter.substring(0, colon).strip();
            String type = parameter.substring(colon + 1).strip();
            List<String> tuple = fields.get(type);
            boolean converted = tuple != null && tuple.stream().noneMatch(field -> field.contains(NAMESPACE));
            declared.append(", ").append(variable).append(": ");
            declared.append(converted ? "Tuple[" + String.join(", ", tuple) + "]" : type);
            passed.add(converted ? type + "(*" + variable + ")" : variable);
        }
        return "  def " + name + "(" + declared + ") -> " + result + ":\n    return " + NAMESPACE + name + "("
                + String.join(", ", passed) + ")\n";
    }

    /** Parts between the commas that are in no brackets. */
    private static List<String> split(String parameters) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int begin = 0;
        for (int i = 0; i <= parameters.length(); i++) {
            char character = i < parameters.length() ? parameters.charAt(i) : ',';
            depth += character == '[' ? 1 : character == ']' ? -1 : 0;
            if (character == ',' && depth == 0) {
                String part = parameters.substring(begin, i).strip();
                if (!part.isEmpty()) {
                    parts.add(part);
                }
                begin = i + 1;
            }
        }
        return parts;
    }

    private static String emptyLines(String text) {
        return "\n".repeat(lines(text));
    }

    private static int lines(String text) {
        return (int) text.chars().filter(character -> character == '\n').count();
    }
}
