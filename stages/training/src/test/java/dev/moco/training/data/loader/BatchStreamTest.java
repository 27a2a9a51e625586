package dev.moco.training.data.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchStreamTest {
    /** Batches of two items; allocating the last batch fails. */
    private record Failing(int batches) implements BatchSource<AtomicInteger> {
        @Override
        public AtomicInteger allocate(int number) {
            if (number == batches - 1) {
                throw new IllegalStateException("no memory for batch " + number);
            }
            return new AtomicInteger();
        }

        @Override
        public int items(int number) {
            return 2;
        }

        @Override
        public void fill(AtomicInteger batch, int number, int item) {
            batch.incrementAndGet();
        }
    }

    @Test
    void aFailedBatchThrowsInItsConsumer() throws InterruptedException {
        try (LoaderThreads threads = new LoaderThreads(2);
                BatchStream<AtomicInteger> batches = new BatchStream<>(new Failing(4), 0, threads)) {
            for (int i = 0; i < 3; i++) {
                assertThat(batches.next().get()).isEqualTo(2);
            }
            assertThatThrownBy(batches::next)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("no memory for batch 3");
        }
    }

    @Test
    void aFailedFirstBatchThrowsInItsConsumer() {
        try (LoaderThreads threads = new LoaderThreads(1);
                BatchStream<AtomicInteger> batches = new BatchStream<>(new Failing(1), 0, threads)) {
            assertThatThrownBy(batches::next).hasMessage("no memory for batch 0");
        }
    }

    @Test
    void aStreamFromTheEndIsEmpty() {
        try (LoaderThreads threads = new LoaderThreads(1);
                BatchStream<AtomicInteger> batches = new BatchStream<>(new Failing(3), 3, threads)) {
            assertThat(batches.hasNext()).isFalse();
        }
    }
}
