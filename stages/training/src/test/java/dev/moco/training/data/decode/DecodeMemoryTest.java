package dev.moco.training.data.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class DecodeMemoryTest {
    private static final long MIB = 1 << 20;

    @Test
    void imagesThatAreDecodedAtTheSameTimeStayWithinTheBound() throws Exception {
        DecodeMemory memory = DecodeMemory.ofHeap(1024 * MIB);
        assertThat(memory.bytes()).isEqualTo(320 * MIB);
        AtomicLong held = new AtomicLong();
        AtomicLong most = new AtomicLong();
        AtomicLong besideTheLargest = new AtomicLong();
        ExecutorService threads = Executors.newFixedThreadPool(32);
        try {
            List<Future<?>> images = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                // Photos of 24 and 36 MB, some small images, and one of 500 MB, which runs alone.
                long bytes = (i == 250 ? 500 : i % 3 == 0 ? 24 : i % 3 == 1 ? 36 : 1) * MIB;
                images.add(threads.submit(() -> memory.within(bytes, () -> {
                    long now = held.addAndGet(bytes);
                    if (bytes > memory.bytes()) {
                        besideTheLargest.set(now - bytes);
                    } else {
                        most.accumulateAndGet(now, Math::max);
                    }
                    held.addAndGet(-bytes);
                    return bytes;
                })));
            }
            for (Future<?> image : images) {
                image.get();
            }
        } finally {
            threads.shutdown();
        }
        assertThat(most.get()).isBetween(1L, memory.bytes());
        assertThat(besideTheLargest.get()).isZero();
    }

    @Test
    void aFailureGivesItsMemoryBack() throws Exception {
        DecodeMemory memory = DecodeMemory.ofHeap(512 * MIB);
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> memory.within(memory.bytes(), () -> {
                        throw new BadImageException("damaged");
                    }))
                    .hasMessage("damaged");
        }
        assertThat(memory.within(memory.bytes(), () -> 1)).isEqualTo(1);
    }

    @Test
    void anImageThatTheHeapCannotHoldIsRefusedWithTheFigures() throws Exception {
        DecodeMemory memory = DecodeMemory.ofHeap(1024 * MIB);
        memory.require(640 * MIB);
        assertThatThrownBy(() -> memory.require(641 * MIB))
                .isInstanceOf(BadImageException.class)
                .hasMessage("decoding it takes 641 MiB, the Java heap has room for 640 MiB");
    }
}
