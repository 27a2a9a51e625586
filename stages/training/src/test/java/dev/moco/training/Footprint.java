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
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Memory in use after a step, without that of the JVM's compilers, garbage collector and heap: compiling a method takes
 * some 20 MiB, more than the leaks that tests look for.
 *
 * @param arrays number of the manager's arrays
 * @param nativeBytes memory allocated by glibc, direct buffers included
 * @param residentBytes resident memory after glibc has returned free memory to the kernel
 */
public record Footprint(int arrays, long nativeBytes, long residentBytes) {
    private static final long KIB = 1 << 10;
    private static final long MIB = 1 << 20;
    /** Images differ in size, and memory freed last may still be counted. */
    private static final long NATIVE_MIB = 2;
    /** Some pages of stacks, compiled code and metadata are first used late. */
    private static final long RESIDENT_MIB = 16;

    private static final Allocator ALLOCATOR = Native.load("c", Allocator.class);

    /** Memory that a category of the JVM's native memory report has allocated by glibc. */
    private static final Pattern MALLOC = Pattern.compile("\\((?:malloc|arena|tracking overhead)=(\\d+)KB");
    /** Direct buffers, which count as the program's. */
    private static final Pattern OTHER = Pattern.compile(" Other \\(.*\\s+\\(malloc=(\\d+)KB");

    private static final Pattern HEAP = Pattern.compile(" Java Heap \\(reserved=\\d+KB, committed=(\\d+)KB");

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

    /** Measures this process, whose arrays all belong to one manager. */
    public static Footprint of(NDManager manager) {
        System.gc();
        NativeHeap.trimAfter(System.nanoTime() - TimeUnit.MINUTES.toNanos(1));
        String jvm = jvmReport();
        long jvmBytes = bytes(MALLOC, jvm) - bytes(OTHER, jvm);
        return new Footprint(
                manager.getManagedArrays().size(),
                ALLOCATOR.mallinfo2().used() - jvmBytes,
                resident() - jvmBytes - bytes(HEAP, jvm));
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

    private static long bytes(Pattern pattern, String report) {
        return KIB
                * pattern.matcher(report)
                        .results()
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
