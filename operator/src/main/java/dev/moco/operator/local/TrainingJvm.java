package dev.moco.operator.local;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
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

    /**
     * glibc's allocator as libtorch's blocks of a few MiB to some GiB want it: kept and used again rather than given back
     * to the system, which would clear each page anew (a third of a step), in huge pages, and in one arena, as only one
     * thread allocates much. Blocks above 64 MiB go back at once, so that the peak is what is in use.
     */
    private static final Map<String, String> ALLOCATOR = Map.of(
            "MALLOC_ARENA_MAX",
            "1",
            "GLIBC_TUNABLES",
            "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=67108864:glibc.malloc.trim_threshold=8589934592");

    /** Float32 is float32: cuDNN would round what it convolves to TF32. */
    private static final Map<String, String> ARITHMETIC = Map.of("NVIDIA_TF32_OVERRIDE", "0");

    /** A process yet to be started, of a main class in the training module. */
    public ProcessBuilder process(String heap, String main, List<String> arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command(heap, main, arguments));
        builder.environment().put("DJL_CACHE_DIR", work.engine().toString());
        builder.environment().put("OPT_OUT_TRACKING", "true");
        variables().forEach(builder.environment()::putIfAbsent);
        return builder;
    }

    /** The command of such a process. */
    public List<String> command(String heap, String main, List<String> arguments) throws IOException {
        Path target = home.resolve("stages/training/target");
        String classPath = target.resolve("classes")
                + File.pathSeparator
                + Files.readString(target.resolve("classpath")).strip();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + heap);
        command.add("-XX:+UseSerialGC");
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.add("-Dai.djl.offline=true");
        command.add("-Djava.awt.headless=true");
        command.addAll(List.of("-cp", classPath, main));
        command.addAll(arguments);
        return command;
    }

    /** The variables that such a process is to have. */
    public Map<String, String> variables() {
        Map<String, String> variables = new HashMap<>(ALLOCATOR);
        variables.putAll(ARITHMETIC);
        variables.put("DJL_CACHE_DIR", work.engine().toString());
        variables.put("OPT_OUT_TRACKING", "true");
        return variables;
    }
}
