package dev.moco.operator.local;

import java.util.List;
import java.util.Map;

/** Flags and variables of the operator's virtual machine, in its image and in a checkout. */
public final class OperatorJvm {
    /** Half of the memory limit of the shipped Deployment. */
    public static final String HEAP = "-Xmx256m";

    /**
     * Flags for small memory, since the operator waits most of the time: threads for two processors on a node of any size,
     * and a heap that returns unused memory.
     */
    public static final List<String> FLAGS = List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:ActiveProcessorCount=2",
            "-Xmn24m",
            "-XX:MinHeapFreeRatio=10",
            "-XX:MaxHeapFreeRatio=20",
            "-Xss512k",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.awt.headless=true");

    /** With an arena for each thread, glibc's allocator would keep memory that most threads need only once. */
    public static final Map<String, String> VARIABLES = Map.of("MALLOC_ARENA_MAX", "2");

    private OperatorJvm() {}
}
