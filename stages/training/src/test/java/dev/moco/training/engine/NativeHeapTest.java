package dev.moco.training.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Memory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NativeHeapTest {
    private static final Path STATUS = Path.of("/proc/self/status");
    /** Below what glibc gives back at once. */
    private static final int BLOCK = 64 << 10;

    private static final int BLOCKS = 4000;

    @Test
    void freePagesBelowABlockInUseAreGivenBack() throws IOException {
        assumeTrue(Files.exists(STATUS), "resident memory is read from /proc");
        List<Memory> blocks = new ArrayList<>();
        for (int i = 0; i < BLOCKS; i++) {
            Memory block = new Memory(BLOCK);
            block.clear();
            blocks.add(block);
        }
        blocks.subList(0, BLOCKS - 1).forEach(Memory::close);
        long before = residentKib();
        NativeHeap.trimAfter(System.nanoTime() - TimeUnit.MINUTES.toNanos(1));
        assertThat(before - residentKib()).isGreaterThan(BLOCKS * (BLOCK >> 10) / 2);
        blocks.get(BLOCKS - 1).close();
    }

    private static long residentKib() throws IOException {
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
