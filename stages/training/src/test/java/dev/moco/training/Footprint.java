package dev.moco.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Structure;
import dev.moco.training.engine.NativeHeap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Scanner;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Memory in use after a step, without that of the JVM's heap, compilers and garbage collector: compiling a method takes
 * some 20 MiB, more than the leaks that tests look for. Direct buffers, threads and loaded classes count.
 *
 * @param arrays number of the manager's arrays
 * @param threads number of live Java threads
 * @param nativeBytes memory allocated by glibc
 * @param residentBytes resident memory after glibc has returned free memory to the kernel
 */
public record Footprint(int arrays, int threads, long nativeBytes, long residentBytes) {
    private static final long KIB = 1 << 10;
    private static final long MIB = 1 << 20;
    /** Images differ in size, and memory freed last may still be counted. */
    private static final long NATIVE_MIB = 2;
    /** Some pages that the JVM has mapped are first used late. */
    private static final long RESIDENT_MIB = 16;
    /** Pools start threads as they need them. */
    private static final int THREADS = 2;

    private static final Allocator ALLOCATOR = Native.load("c", Allocator.class);

    /** Categories of the JVM's native memory report that grow and shrink as the JVM compiles and collects. */
    private static final Set<String> JVM_CATEGORIES =
            Set.of("Java Heap", "Code", "GC", "Compiler", "Arena Chunk", "Native Memory Tracking");
    /** Memory that a category has allocated by glibc. */
    private static final Pattern MALLOC = Pattern.compile("\\((?:malloc|arena|tracking overhead)=(\\d+)KB");
    /** Memory that a category has mapped itself. */
    private static final Pattern MAPPED = Pattern.compile("\\(mmap: reserved=\\d+KB, committed=(\\d+)KB");
    /** Largest difference between two reports that agree. */
    private static final long SAME_KIB = 64;
    /** Measurements before the test gives up. */
    private static final int MEASUREMENTS = 1000;

    /** Statistics of glibc's allocator. */
    interface Allocator extends Library {
        /**
         * struct mallinfo2, in bytes: arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks,
         * keepcost.
         */
        @Structure.FieldOrder("fields")
        final class Mallinfo2 extends Structure implements Structure.ByValue {
            public long[] fields = new long[10];

            long used() {
                return fields[4] + fields[7];
            }
        }

        Mallinfo2 mallinfo2();
    }

    /**
     * Measures this process, whose arrays all belong to one manager. The measurement is taken between two reports of the JVM
     * that agree, since on a busy machine a compilation may begin or end between a report and the measurement.
     */
    public static Footprint of(NDManager manager) {
        System.gc();
        NativeHeap.trimAfter(System.nanoTime() - TimeUnit.MINUTES.toNanos(1));
        String before = jvmReport();
        for (int i = 0; i < MEASUREMENTS; i++) {
            long used = ALLOCATOR.mallinfo2().used();
            long resident = resident();
            String after = jvmReport();
            long allocated = jvmBytes(MALLOC, after);
            long mapped = jvmBytes(MAPPED, after);
            if (Math.abs(allocated - jvmBytes(MALLOC, before)) <= SAME_KIB * KIB
                    && Math.abs(mapped - jvmBytes(MAPPED, before)) <= SAME_KIB * KIB) {
                return new Footprint(
                        manager.getManagedArrays().size(),
                        ManagementFactory.getThreadMXBean().getThreadCount(),
                        used - allocated,
                        resident - allocated - mapped);
            }
            before = after;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        throw new IllegalStateException("the JVM's memory never stays the same: " + before);
    }

    private static String jvmReport() {
        try {
            String report = (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "vmNativeMemory",
                            new Object[] {new String[] {"summary", "scale=KB"}},
                            new String[] {String[].class.getName()});
            assertThat(report)
                    .as("the tests run with -XX:NativeMemoryTracking=summary")
                    .contains("Java Heap");
            return report;
        } catch (JMException e) {
            throw new IllegalStateException("this JVM has no report of its native memory", e);
        }
    }

    /** Sum of the matches in the categories of {@link #JVM_CATEGORIES}. */
    private static long jvmBytes(Pattern pattern, String report) {
        return KIB
                * Pattern.compile("\n- +")
                        .splitAsStream(report)
                        .filter(category -> JVM_CATEGORIES.contains(category.split(" \\(", 2)[0]))
                        .flatMap(category -> pattern.matcher(category).results())
                        .mapToLong(match -> Long.parseLong(match.group(1)))
                        .sum();
    }

    private static long resident() {
        try (Scanner pages = new Scanner(Path.of("/proc/self/statm"), StandardCharsets.US_ASCII)) {
            pages.nextLong();
            return 4096 * pages.nextLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asserts that the median of the last five samples is no larger than that of the first five; needs ten or more. */
    public static void assertNoGrowth(List<Footprint> samples) {
        assertThat(samples).hasSizeGreaterThanOrEqualTo(10);
        assertThat(samples)
                .extracting(Footprint::arrays)
                .containsOnly(samples.get(0).arrays());
        assertThat(growth(samples, Footprint::threads))
                .as("growth of the number of threads in %s", samples)
                .isLessThanOrEqualTo(THREADS);
        assertThat(growth(samples, Footprint::nativeBytes))
                .as("growth of native memory in %s", samples)
                .isLessThan(NATIVE_MIB * MIB);
        assertThat(growth(samples, Footprint::residentBytes))
                .as("growth of resident memory in %s", samples)
                .isLessThan(RESIDENT_MIB * MIB);
    }

    private static long growth(List<Footprint> samples, ToLongFunction<Footprint> value) {
        return median(samples.subList(samples.size() - 5, samples.size()), value)
                - median(samples.subList(0, 5), value);
    }

    private static long median(List<Footprint> five, ToLongFunction<Footprint> value) {
        return five.stream().mapToLong(value).sorted().toArray()[2];
    }
}
