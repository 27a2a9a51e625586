package dev.moco.operator.plan;

import dev.moco.contract.JvmMemory;
import java.util.Map;

/** Environment variables of every process that trains, in a pod or beside {@code moco run}. */
public final class StageVariables {
    /** Folder of the engine's unpacked libraries: each driver has its own. */
    public static final String ENGINE_FOLDER = "DJL_CACHE_DIR";

    /** Options of the virtual machine that its launcher reads. */
    public static final String JVM = "JDK_JAVA_OPTIONS";

    private StageVariables() {}

    /** Value of {@link #JVM} for limits of memory. */
    public static String jvm(JvmMemory memory) {
        return String.join(" ", memory.flags());
    }

    /** Variables that are the same everywhere; a person may set others. */
    public static Map<String, String> defaults() {
        return Map.of(
                "OPT_OUT_TRACKING",
                "true",
                // libtorch allocates blocks of a few MiB to some GiB. glibc keeps and reuses them, since the
                // system would clear each returned page again, which takes a third of a step. Pages are huge,
                // and there is one arena, since only one thread allocates much. Blocks above 64 MiB are returned
                // at once, which bounds the peak.
                "MALLOC_ARENA_MAX",
                "1",
                "GLIBC_TUNABLES",
                "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=67108864:glibc.malloc.trim_threshold=8589934592");
    }
}
