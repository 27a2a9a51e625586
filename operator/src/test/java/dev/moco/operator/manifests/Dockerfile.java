package dev.moco.operator.manifests;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Instructions of a Dockerfile.
 *
 * @param stages in their order
 */
record Dockerfile(List<BuildStage> stages) {
    /** NAME=value, or NAME="a value with spaces". */
    private static final Pattern VARIABLE = Pattern.compile("(\\w+)=(?:\"([^\"]*)\"|(\\S+))");

    /**
     * A stage: the instructions from one {@code FROM} to the next.
     *
     * @param name after {@code AS}; empty if it has none
     */
    record BuildStage(String base, String name, List<Instruction> instructions) {
        /** Arguments of every instruction with a keyword. */
        Stream<String> all(String keyword) {
            return instructions.stream()
                    .filter(instruction -> instruction.keyword().equals(keyword))
                    .map(Instruction::arguments);
        }

        /** Variables of all {@code ENV} instructions. */
        Map<String, String> environment() {
            Map<String, String> variables = new LinkedHashMap<>();
            all("ENV")
                    .flatMap(arguments -> VARIABLE.matcher(arguments).results())
                    .forEach(pair ->
                            variables.put(pair.group(1), pair.group(2) == null ? pair.group(3) : pair.group(2)));
            return variables;
        }

        /** The arguments of the {@code ENTRYPOINT}. */
        List<String> entryPoint() {
            String json = all("ENTRYPOINT").findFirst().orElseThrow();
            try {
                return List.of(new JsonMapper().readValue(json, String[].class));
            } catch (JsonProcessingException e) {
                throw new AssertionError(json, e);
            }
        }

        /** Sources that {@code COPY} takes from the build's context. */
        Stream<String> copiedFromContext() {
            return all("COPY")
                    .filter(arguments -> !arguments.startsWith("--from="))
                    .map(arguments -> arguments.split("\\s+"))
                    .flatMap(words -> Stream.of(words).limit(words.length - 1L));
        }
    }

    /** A keyword and its arguments, with continued lines joined. */
    record Instruction(String keyword, String arguments) {}

    static Dockerfile read(Path file) {
        List<BuildStage> stages = new ArrayList<>();
        String text = ManifestFiles.text(file).replaceAll("(?m)^\\s*#.*\\n", "").replace("\\\n", " ");
        for (String line : text.lines().toList()) {
            if (line.isBlank()) {
                continue;
            }
            String[] parts = line.strip().split("\\s+", 2);
            if (parts[0].equals("FROM")) {
                String[] words = parts[1].split("\\s+", -1);
                stages.add(new BuildStage(words[0], words.length == 3 ? words[2] : "", new ArrayList<>()));
            } else {
                stages.get(stages.size() - 1).instructions().add(new Instruction(parts[0], parts[1].strip()));
            }
        }
        return new Dockerfile(stages);
    }

    BuildStage stage(String name) {
        return stages.stream()
                .filter(stage -> stage.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    BuildStage finalStage() {
        return stages.get(stages.size() - 1);
    }
}
