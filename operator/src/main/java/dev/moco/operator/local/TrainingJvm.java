package dev.moco.operator.local;

import dev.moco.contract.Stage;
import dev.moco.operator.plan.StageVariables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Command of a Java process that loads the training engine; the command line itself never loads it.
 *
 * @param home checkout that holds the built stages
 * @param work folder of the engine's unpacked libraries
 */
public record TrainingJvm(Path home, WorkFolder work) {
    /** Main class of the stages. */
    public static final String STAGE_MAIN = "dev.moco.training.StageMain";

    /** Java heap of a stage that trains. Tensors live outside of it; it holds the loader's images and objects. */
    public static final String HEAP = "768m";

    /** Heap of a stage that only reads raw data: it has images but no loader and no model. */
    private static final String PREPARE_HEAP = "512m";

    /** Java heap of a stage. */
    static String heap(Stage stage) {
        return stage.readsRawData() ? PREPARE_HEAP : HEAP;
    }

    /**
     * Builder of a process with a main class of the training module.
     *
     * @param credentials AWS variables of the embedded store; empty for a bucket of the user
     */
    public ProcessBuilder process(String heap, String main, List<String> arguments, Map<String, String> credentials)
            throws IOException {
        return process(command(heap, main, arguments), credentials);
    }

    /** Same as {@link #process}, and its classes are archived for later processes. */
    ProcessBuilder archivedProcess(
            String name, String heap, String main, List<String> arguments, Map<String, String> credentials)
            throws IOException {
        return process(command(heap, archive().writingFlags(name), main, arguments), credentials);
    }

    ClassArchive archive() {
        return new ClassArchive(home.resolve("stages/training/target"));
    }

    private ProcessBuilder process(List<String> command, Map<String, String> credentials) {
        ProcessBuilder builder = new ProcessBuilder(command);
        Map<String, String> variables = StageEnvironment.of(Map.copyOf(builder.environment()), credentials);
        builder.environment().clear();
        builder.environment().putAll(variables);
        builder.environment().put(StageVariables.ENGINE_FOLDER, work.engine().toString());
        return builder;
    }

    /** Command line of a process. */
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

    /** Environment variables of a process. */
    public Map<String, String> variables() {
        Map<String, String> variables = new HashMap<>(StageVariables.defaults());
        variables.put(StageVariables.ENGINE_FOLDER, work.engine().toString());
        return variables;
    }
}
