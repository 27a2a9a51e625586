package dev.moco.operator.cluster;

import java.util.List;
import java.util.Map;

/** How the virtual machine of an operator is started, in its image and wherever a checkout stands in for that. */
public final class OperatorJvm {
    /** Half of what the shipped Deployment may use. */
    public static final String HEAP = "-Xmx256m";

    /**
     * Small rather than fast: it waits most of the time. Two processors' worth of threads, however large the node; a heap
     * that follows what is in use.
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

    /** An arena of glibc's allocator a thread would keep what most threads need once. */
    public static final Map<String, String> VARIABLES = Map.of("MALLOC_ARENA_MAX", "2");

    private OperatorJvm() {}
}
