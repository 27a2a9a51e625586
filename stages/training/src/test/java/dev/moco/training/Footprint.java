package dev.moco.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Structure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Scanner;
import java.util.function.ToLongFunction;

/** What was in use after a step. */
public record Footprint(int arrays, long nativeBytes, long residentBytes) {
    private static final long MIB = 1 << 20;
    private static final Allocator ALLOCATOR = Native.load("c", Allocator.class);

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

    /** Of this process, whose arrays are all a manager's. */
    public static Footprint of(NDManager manager) {
        System.gc();
        return new Footprint(
                manager.getManagedArrays().size(), ALLOCATOR.mallinfo2().used(), resident());
    }

    private static long resident() {
        try (Scanner pages = new Scanner(Path.of("/proc/self/statm"), StandardCharsets.US_ASCII)) {
            pages.nextLong();
            return 4096 * pages.nextLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The later of ten samples or more are no larger than the earlier ones.
     *
     * @param nativeMib by which the native memory differs from one sample to another anyway: compilers come and go
     */
    public static void assertNoGrowth(List<Footprint> samples, int nativeMib) {
        assertThat(samples).hasSizeGreaterThanOrEqualTo(10);
        List<Footprint> early = samples.subList(0, 5);
        List<Footprint> late = samples.subList(samples.size() - 5, samples.size());
        assertThat(samples)
                .extracting(Footprint::arrays)
                .containsOnly(samples.get(0).arrays());
        assertThat(least(late, Footprint::nativeBytes))
                .as("native memory")
                .isLessThan(least(early, Footprint::nativeBytes) + nativeMib * MIB);
        assertThat(least(late, Footprint::residentBytes))
                .as("resident memory")
                .isLessThan(least(early, Footprint::residentBytes) + 32 * MIB);
    }

    private static long least(List<Footprint> samples, ToLongFunction<Footprint> figure) {
        return samples.stream().mapToLong(figure).min().orElseThrow();
    }
}
