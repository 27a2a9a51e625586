package dev.moco.training.prepare;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.moco.contract.PrepareConfig;
import dev.moco.training.data.Sample;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import org.jspecify.annotations.Nullable;

/**
 * Reads images and decodes them, ahead of the shards that they are written to.
 *
 * <p>Since the images are shuffled, those of a shard are scattered over the source, and each takes a read of its own, from
 * a tar too. Reading the source in its own order instead would need a second copy on disk, to shuffle it once all images
 * are counted. From a remote source many images are read at once, as each read waits for the network: with 40 ms a read,
 * 64 reads at once give two cores the 1,100 images a second that they decode. No more images are decoded at once than
 * there are threads, and the bytes in memory are bounded.
 */
final class CheckedImages implements AutoCloseable {
    /** Reads at once for each thread, from a remote source; one is enough for a local disk. */
    private static final int REMOTE_READS = 32;

    /** With 40 ms a read these are 3,200 a second; S3 serves 5,500 a second below a prefix. */
    private static final int MOST_READS = 128;
    /** Most encoded bytes in memory; a larger image is alone. */
    private static final int MOST_KIB = 48 << 10;

    private final RawFiles files;
    private final ImageCheck check;
    private final ThreadPoolExecutor readers;
    private final int reads;
    private final Semaphore decodings;
    private final Semaphore kib = new Semaphore(MOST_KIB);

    CheckedImages(PrepareConfig config, RawFiles files, List<String> classNames, int threads, boolean remote) {
        this.files = files;
        this.check = new ImageCheck(config, files, classNames);
        this.reads = remote ? Math.min(MOST_READS, REMOTE_READS * threads) : threads;
        this.readers = new ThreadPoolExecutor(reads, reads, 0, SECONDS, new PriorityBlockingQueue<>(), work -> {
            Thread thread = new Thread(work, "image");
            thread.setDaemon(true);
            return thread;
        });
        this.decodings = new Semaphore(threads);
    }

    /** An image that was read and checked. */
    static final class ReadImage {
        private final RawImage raw;
        private final byte[] encoded;
        private final ImageCheck.Checked checked;

        private ReadImage(RawImage raw, byte[] encoded, ImageCheck.Checked checked) {
            this.raw = raw;
            this.encoded = encoded;
            this.checked = checked;
        }

        RawImage raw() {
            return raw;
        }

        byte[] encoded() {
            return encoded;
        }

        /** Null for an image that is skipped. */
        @Nullable
        Sample sample() {
            return checked.sample();
        }

        Findings findings() {
            return checked.findings();
        }
    }

    /** Images that are read at once. */
    int reads() {
        return reads;
    }

    /** Begins to read an image if there is memory for it; the caller then releases it. */
    boolean mayRead(RawImage image) {
        return kib.tryAcquire(kib(image));
    }

    /** Waits until there is memory for an image. */
    void awaitMemory(RawImage image, StoppableWaits waits) throws InterruptedException {
        waits.acquire(kib, kib(image));
    }

    /**
     * Begins to read an image.
     *
     * @param ordinal position in the split's order; the first images are read first, so that shards end one after the
     *     other and are uploaded while images of the next ones are read
     */
    Future<ReadImage> read(long ordinal, RawImage image) {
        Reading reading = new Reading(ordinal, () -> check(image));
        readers.execute(reading);
        return reading;
    }

    private static final class Reading extends FutureTask<ReadImage> implements Comparable<Reading> {
        private final long ordinal;

        Reading(long ordinal, Callable<ReadImage> work) {
            super(work);
            this.ordinal = ordinal;
        }

        @Override
        public int compareTo(Reading other) {
            return Long.compare(ordinal, other.ordinal);
        }
    }

    /** Gives the memory of an image back. */
    void release(RawImage image) {
        kib.release(kib(image));
    }

    private static int kib(RawImage image) {
        return (int) Math.min(MOST_KIB, (image.image().length() >> 10) + 1);
    }

    private ReadImage check(RawImage image) throws IOException, InterruptedException {
        byte[] encoded = image.image().read(files);
        decodings.acquire();
        try {
            return new ReadImage(image, encoded, check.check(image, encoded));
        } finally {
            decodings.release();
        }
    }

    @Override
    public void close() {
        readers.shutdownNow();
    }
}
