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
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What was in use after a step, without what the JVM took for its compilers, its collector and its heap: a method that is
 * compiled late takes some 20 MiB, more than a leak worth finding.
 *
 * @param arrays of the manager
 * @param nativeBytes from glibc's allocator, direct buffers included
 * @param residentBytes after glibc has given back what is free
 */
public record Footprint(int arrays, long nativeBytes, long residentBytes) {
    private static final long KIB = 1 << 10;
    private static final long MIB = 1 << 20;
    /** Images differ in size, and what is freed last is still counted now and then. */
    private static final long NATIVE_MIB = 2;
    /** Pages of what the JVM has mapped already come to be used later. */
    private static final long RESIDENT_MIB = 16;

    private static final Allocator ALLOCATOR = Native.load("c", Allocator.class);

    /** Of a category in the JVM's account: what it took from glibc's allocator. */
    private static final Pattern TAKEN = Pattern.compile("\\((?:malloc|arena|tracking overhead)=(\\d+)KB");
    /** Direct buffers: ours. */
    private static final Pattern OTHER = Pattern.compile(" Other \\(.*\\s+\\(malloc=(\\d+)KB");

    /** Of a category in the JVM's account: what it mapped itself, such as its heap, its compiled code and its stacks. */
    private static final Pattern MAPPED = Pattern.compile("\\((?:mmap|stack): reserved=\\d+KB, committed=(\\d+)KB");
    /** The JVM's account may differ so much from the one just before. */
    private static final long SAME_KIB = 64;
    /** Readings until the JVM is given up as never at rest. */
    private static final int READINGS = 1000;

    /** glibc's account of what it handed out. */
    interface Allocator extends Library {
        /** In bytes, in this order: arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost. */
        @Structure.FieldOrder("figures")
        final class Figures extends Structure implements Structure.ByValue {
            public long[] figures = new long[10];

            long used() {
                return figures[4] + figures[7];
            }
        }

        Figures mallinfo2();
    }

    /**
     * Footprint of this process, whose arrays are all a manager's. It is read between two accounts of the JVM that agree: on a
     * busy machine a compilation may begin or end between an account and a reading.
     */
    public static Footprint of(NDManager manager) {
        System.gc();
        NativeHeap.trimAfter(System.nanoTime() - TimeUnit.MINUTES.toNanos(1));
        String before = jvmAccount();
        for (int i = 0; i < READINGS; i++) {
            long used = ALLOCATOR.mallinfo2().used();
            long resident = resident();
            String after = jvmAccount();
            long taken = taken(after);
            long mapped = bytes(MAPPED, after);
            if (Math.abs(taken - taken(before)) <= SAME_KIB * KIB
                    && Math.abs(mapped - bytes(MAPPED, before)) <= SAME_KIB * KIB) {
                return new Footprint(manager.getManagedArrays().size(), used - taken, resident - taken - mapped);
            }
            before = after;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        throw new IllegalStateException("the JVM's memory is never at rest: " + before);
    }

    /** Bytes that the JVM took from glibc's allocator for itself. */
    private static long taken(String account) {
        return bytes(TAKEN, account) - bytes(OTHER, account);
    }

    private static String jvmAccount() {
        try {
            String account = (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "vmNativeMemory",
                            new Object[] {new String[] {"summary", "scale=KB"}},
                            new String[] {String[].class.getName()});
            assertThat(account)
                    .as("the tests run with -XX:NativeMemoryTracking=summary")
                    .contains("Java Heap");
            return account;
        } catch (JMException e) {
            throw new IllegalStateException("this JVM gives no account of its native memory", e);
        }
    }

    private static long bytes(Pattern figure, String account) {
        return KIB
                * figure.matcher(account)
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

    /** The later of ten samples or more are no larger than the earlier ones, their middle ones compared. */
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

    private static long growth(List<Footprint> samples, ToLongFunction<Footprint> figure) {
        return middle(samples.subList(samples.size() - 5, samples.size()), figure)
                - middle(samples.subList(0, 5), figure);
    }

    private static long middle(List<Footprint> five, ToLongFunction<Footprint> figure) {
        return five.stream().mapToLong(figure).sorted().toArray()[2];
    }
}
