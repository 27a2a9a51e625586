package dev.moco.operator.local;

import dev.moco.contract.JvmMemory;
import dev.moco.contract.StageFailure;
import dev.moco.contract.local.UserCache;
import dev.moco.operator.plan.StageVariables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Command of a Java process that loads the training engine; the command line itself never loads it.
 *
 * @param home folder of the launcher: a checkout or a release
 * @param engine folder of the engine's unpacked libraries
 */
public record TrainingJvm(Path home, Path engine) {
    /** Main class of the stages. */
    public static final String STAGE_MAIN = "dev.moco.training.StageMain";

    private static final String PROGRAM = "moco-training";

    /** Threads that the image's own limits of memory are made for, where nobody sets others. */
    private static final int IMAGE_THREADS = 8;

    /** The command that shares the engine of all work folders. */
    public static TrainingJvm of(Path home) {
        return new TrainingJvm(home, UserCache.folder("engine"));
    }

    /**
     * Builder of a process with a main class of the training module.
     *
     * @param credentials AWS variables of the embedded store; empty for a bucket of the user
     */
    public ProcessBuilder process(
            JvmMemory memory, String main, List<String> arguments, Map<String, String> credentials) throws IOException {
        return process(command(memory.flags(), archive().flags(), main, arguments), credentials);
    }

    /** Same as {@link #process}, and its classes are archived for later processes. */
    ProcessBuilder archivedProcess(
            String name, JvmMemory memory, String main, List<String> arguments, Map<String, String> credentials)
            throws IOException {
        return process(command(memory.flags(), archive().writingFlags(name), main, arguments), credentials);
    }

    ClassArchive archive() throws IOException {
        Installation installation = new Installation(home);
        return new ClassArchive(installation.lib(), installation.classPath(PROGRAM));
    }

    private static Path writable(Path engine) {
        try {
            return Files.createDirectories(engine);
        } catch (IOException e) {
            throw StageFailure.badConfig("the engine's libraries are unpacked once for each user, and the folder "
                    + engine + " cannot be written: " + e.getMessage()
                    + "; the variable XDG_CACHE_HOME names another than ~/.cache");
        }
    }

    private ProcessBuilder process(List<String> command, Map<String, String> credentials) {
        ProcessBuilder builder = new ProcessBuilder(command);
        Map<String, String> variables = StageEnvironment.of(Map.copyOf(builder.environment()), credentials);
        builder.environment().clear();
        builder.environment().putAll(variables);
        builder.environment().put(StageVariables.ENGINE_FOLDER, writable(engine).toString());
        return builder;
    }

    /**
     * Command line of the image {@code moco-stages}, whose limits of memory are in a variable: a container's follow from its
     * stage.
     */
    public List<String> imageCommand(List<String> arguments) throws IOException {
        return command(List.of(), archive().flags(), STAGE_MAIN, arguments);
    }

    private List<String> command(List<String> memory, List<String> flags, String main, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(memory);
        command.add("-XX:+UseSerialGC");
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.add("-Dai.djl.offline=true");
        command.add("-Djava.awt.headless=true");
        // The engine is native; newer JDKs warn of it without this.
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(flags);
        command.addAll(List.of("-cp", archive().classPath(), main));
        command.addAll(arguments);
        return command;
    }

    /** Environment variables of the image. */
    public Map<String, String> imageVariables() {
        Map<String, String> variables = new HashMap<>(StageVariables.defaults());
        variables.put(StageVariables.JVM, StageVariables.jvm(JvmMemory.of(IMAGE_THREADS)));
        variables.put(StageVariables.ENGINE_FOLDER, engine.toString());
        return variables;
    }
}
