package dev.moco.operator.local;

import dev.moco.operator.plan.StageVariables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A Java process with the engine, which this one never loads.
 *
 * @param home checkout that holds the built stages
 * @param work folder of the engine's unpacked libraries
 */
public record TrainingJvm(Path home, WorkFolder work) {
    /** The heap of whatever trains. */
    public static final String HEAP = "768m";

    /** A process yet to be started, of a main class in the training module. */
    public ProcessBuilder process(String heap, String main, List<String> arguments) throws IOException {
        return process(command(heap, main, arguments));
    }

    /** As {@link #process(String, String, List)}; its classes are kept for later processes by {@link #archive}. */
    ProcessBuilder archivedProcess(String name, String heap, String main, List<String> arguments) throws IOException {
        return process(command(heap, archive().makingFlags(name), main, arguments));
    }

    ClassArchive archive() {
        return new ClassArchive(home.resolve("stages/training/target"));
    }

    private ProcessBuilder process(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put(StageVariables.ENGINE_FOLDER, work.engine().toString());
        StageVariables.defaults().forEach(builder.environment()::putIfAbsent);
        return builder;
    }

    /** The command of such a process. */
    public List<String> command(String heap, String main, List<String> arguments) throws IOException {
        return command(heap, archive().flags(), main, arguments);
    }

    private List<String> command(String heap, List<String> flags, String main, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + heap);
        command.add("-XX:+UseSerialGC");
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.add("-Dai.djl.offline=true");
        command.add("-Djava.awt.headless=true");
        command.addAll(flags);
        command.addAll(List.of("-cp", archive().classPath(), main));
        command.addAll(arguments);
        return command;
    }

    /** The variables that such a process is to have. */
    public Map<String, String> variables() {
        Map<String, String> variables = new HashMap<>(StageVariables.defaults());
        variables.put(StageVariables.ENGINE_FOLDER, work.engine().toString());
        return variables;
    }
}
