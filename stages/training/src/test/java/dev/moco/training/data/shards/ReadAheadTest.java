package dev.moco.training.data.shards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class ReadAheadTest {
    private static final int SAMPLES = 100;

    /** Samples of one byte, their index; those with an even one are remote. */
    private static class Samples implements ReadAhead.ImageSource {
        final AtomicInteger reads = new AtomicInteger();

        @Override
        public boolean remote(int index) {
            return index % 2 == 0;
        }

        @Override
        public int length(int index) {
            return 1;
        }

        @Override
        public byte[] read(int index) throws IOException {
            reads.incrementAndGet();
            return new byte[] {(byte) index};
        }
    }

    @Test
    void asManyRequestsAreInProgressAsAreAllowed() throws Exception {
        int requests = 24;
        CountDownLatch together = new CountDownLatch(requests);
        ExecutorService threads = Executors.newFixedThreadPool(requests);
        Samples samples = new Samples() {
            @Override
            public byte[] read(int index) throws IOException {
                if (remote(index)) {
                    together.countDown();
                    try {
                        // Answers nobody before all requests have come.
                        if (!together.await(10, TimeUnit.MINUTES)) {
                            throw new IOException("only some requests are in progress at the same time");
                        }
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                }
                return super.read(index);
            }
        };
        try (ReadAhead ahead =
                new ReadAhead(samples, IntStream.range(0, SAMPLES).toArray(), 0, 2 * requests, threads)) {
            for (int position = 0; position < SAMPLES; position++) {
                assertThat(ahead.encoded(position)).containsExactly(position);
            }
        } finally {
            threads.shutdown();
        }
        assertThat(samples.reads.get()).isEqualTo(SAMPLES);
    }

    @Test
    void theOrderOfUseMayDifferAndEachSampleIsReadOnce() throws Exception {
        int[] order = IntStream.range(0, SAMPLES).map(i -> (i * 37) % SAMPLES).toArray();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        Samples samples = new Samples();
        try (ReadAhead ahead = new ReadAhead(samples, order, 10, 16, threads)) {
            for (int position = 10; position < SAMPLES; position += 2) {
                assertThat(ahead.encoded(position + 1)).containsExactly(order[position + 1]);
                assertThat(ahead.encoded(position)).containsExactly(order[position]);
            }
            assertThat(ahead.pending()).isZero();
        } finally {
            threads.shutdown();
        }
        assertThat(samples.reads.get()).isEqualTo(SAMPLES - 10);
    }

    @Test
    void samplesThatNobodyAskedForAreBoundedInNumberAndBytes() throws Exception {
        Deque<Runnable> waiting = new ArrayDeque<>();
        int[] order = IntStream.range(0, SAMPLES).map(i -> 2 * i).toArray();
        try (ReadAhead ahead = new ReadAhead(new Samples(), order, 0, 16, waiting::add)) {
            assertThat(ahead.pending()).isEqualTo(16);
            assertThat(ahead.encoded(0)).containsExactly(0);
            assertThat(ahead.pending()).isEqualTo(16);
        }
        Samples large = new Samples() {
            @Override
            public int length(int index) {
                return (int) (ReadAhead.MAX_BYTES / 3);
            }
        };
        ReadAhead closed;
        try (ReadAhead ahead = new ReadAhead(large, order, 0, 16, waiting::add)) {
            assertThat(ahead.pending()).isEqualTo(3);
            // A sample that no thread has begun to read is read by the one that asks for it.
            assertThat(ahead.encoded(0)).containsExactly(0);
            assertThat(ahead.pending()).isEqualTo(3);
            closed = ahead;
        }
        assertThat(closed.pending()).isZero();
        assertThat(closed.encoded(1)).containsExactly(2);
    }

    @Test
    void aSampleThatCannotBeReadFailsWhereItIsAskedFor() throws Exception {
        Samples samples = new Samples() {
            @Override
            public byte[] read(int index) throws IOException {
                if (index == 4) {
                    throw StageFailure.badData("sample 4 was altered");
                }
                if (index == 6) {
                    throw new IOException("cut off");
                }
                return super.read(index);
            }
        };
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try (ReadAhead ahead = new ReadAhead(samples, new int[] {2, 4, 6}, 0, 16, threads)) {
            assertThat(ahead.encoded(0)).containsExactly(2);
            assertThatThrownBy(() -> ahead.encoded(1))
                    .isInstanceOf(StageFailure.class)
                    .hasMessage("sample 4 was altered");
            assertThatThrownBy(() -> ahead.encoded(2))
                    .isInstanceOf(IOException.class)
                    .hasMessage("cut off");
        } finally {
            threads.shutdown();
        }
    }
}
