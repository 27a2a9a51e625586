package dev.moco.training.collectives;

import dev.moco.contract.JvmMemory;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command line of another process of this program. */
public final class OwnCommand {
    /** Flags that two processes must not share: files that they write, ports on which they listen. */
    private static final List<String> OF_ONE_PROCESS =
            List.of("-XX:ArchiveClassesAtExit=", "-agentlib:", "-javaagent:");

    private OwnCommand() {}

    /** The flags of this virtual machine, but for its limits of memory, with a main class and its arguments. */
    public static List<String> of(Class<?> main, JvmMemory memory, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> OF_ONE_PROCESS.stream().noneMatch(flag::startsWith))
                .forEach(command::add);
        // The last of several equal flags is in force.
        command.addAll(memory.flags());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        return command;
    }
}
