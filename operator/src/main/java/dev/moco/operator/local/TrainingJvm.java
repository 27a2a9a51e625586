package dev.moco.operator.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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
        return process(heap, archive().flags(), main, arguments);
    }

    /** As {@link #process(String, String, List)}; its classes are kept for later processes by {@link #archive}. */
    ProcessBuilder archivedProcess(String name, String heap, String main, List<String> arguments) throws IOException {
        return process(heap, archive().makingFlags(name), main, arguments);
    }

    ClassArchive archive() {
        return new ClassArchive(home.resolve("stages/training/target"));
    }

    private ProcessBuilder process(String heap, List<String> flags, String main, List<String> arguments)
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
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("DJL_CACHE_DIR", work.engine().toString());
        builder.environment().put("OPT_OUT_TRACKING", "true");
        ALLOCATOR.forEach(builder.environment()::putIfAbsent);
        ARITHMETIC.forEach(builder.environment()::putIfAbsent);
        return builder;
    }
}
