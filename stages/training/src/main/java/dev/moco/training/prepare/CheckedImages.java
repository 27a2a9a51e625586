package dev.moco.training.prepare;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.moco.contract.PrepareConfig;
import dev.moco.contract.PrepareConfig.Dataset;
import dev.moco.contract.PrepareConfig.OnBadImage;
import dev.moco.contract.StageFailure;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.Sample;
import dev.moco.training.data.Sample.GroundTruth;
import dev.moco.training.data.decode.BadImageException;
import dev.moco.training.data.decode.DecodeMemory;
import dev.moco.training.data.decode.ImageDecoder;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
    private static final Logger LOG = LoggerFactory.getLogger(CheckedImages.class);
    /** Reads at once for each thread, from a remote source; one is enough for a local disk. */
    private static final int REMOTE_READS = 32;

    /** With 40 ms a read these are 3,200 a second; S3 serves 5,500 a second below a prefix. */
    private static final int MOST_READS = 128;
    /** Most encoded bytes in memory; a larger image is alone. */
    private static final int MOST_KIB = 48 << 10;

    private final PrepareConfig config;
    private final RawFiles files;
    private final List<String> classNames;
    private final ImageDecoder decoder = ImageDecoder.create();
    private final ThreadPoolExecutor readers;
    private final int reads;
    private final Semaphore decodings;
    private final Semaphore kib = new Semaphore(MOST_KIB);

    CheckedImages(PrepareConfig config, RawFiles files, List<String> classNames, int threads, boolean remote) {
        this.config = config;
        this.files = files;
        this.classNames = classNames;
        this.reads = remote ? Math.min(MOST_READS, REMOTE_READS * threads) : threads;
        this.readers = new ThreadPoolExecutor(reads, reads, 0, SECONDS, new PriorityBlockingQueue<>(), work -> {
            Thread thread = new Thread(work, "image");
            thread.setDaemon(true);
            return thread;
        });
        this.decodings = new Semaphore(threads);
    }

    /** Result of reading and decoding an image. */
    static final class Checked {
        private final RawImage raw;
        private final byte[] encoded;
        private final @Nullable Sample sample;
        private final String reason;

        private Checked(RawImage raw, byte[] encoded, @Nullable Sample sample, String reason) {
            this.raw = raw;
            this.encoded = encoded;
            this.sample = sample;
            this.reason = reason;
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
            return sample;
        }

        /** Reason for skipping it. */
        String reason() {
            return reason;
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
    Future<Checked> read(long ordinal, RawImage image) {
        Reading reading = new Reading(ordinal, () -> check(image));
        readers.execute(reading);
        return reading;
    }

    private static final class Reading extends FutureTask<Checked> implements Comparable<Reading> {
        private final long ordinal;

        Reading(long ordinal, Callable<Checked> work) {
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

    private Checked check(RawImage image) throws IOException, InterruptedException {
        byte[] encoded = image.image().read(files);
        RgbImage decoded;
        decodings.acquire();
        try {
            // Only decoding the whole image shows that it is complete.
            decoded = DecodeMemory.OF_PROCESS.within(
                    decoder.heapBytes(encoded),
                    () -> config.dataset() == Dataset.VOC ? decoder.decodeUpright(encoded) : decoder.decode(encoded));
        } catch (BadImageException e) {
            if (config.onBadImage() == OnBadImage.FAIL) {
                throw StageFailure.badData(
                        "%s: corrupt image: %s; spec.data.onBadImage: Skip leaves such images out"
                                .formatted(image.id(), e.getMessage()),
                        e);
            }
            LOG.warn("skipped image={} reason={}", image.id(), e.getMessage());
            return new Checked(image, encoded, null, String.valueOf(e.getMessage()));
        } finally {
            decodings.release();
        }
        List<GroundTruth> objects = objects(image, decoded);
        Sample sample = new Sample(image.id(), decoded.width(), decoded.height(), image.label(), objects);
        return new Checked(image, encoded, sample, "");
    }

    private List<GroundTruth> objects(RawImage image, RgbImage decoded) throws IOException {
        return image.annotation() == null
                ? List.of()
                : VocAnnotation.parse(
                        "Annotations/" + image.id() + ".xml",
                        image.annotation().read(files),
                        classNames,
                        decoded.width(),
                        decoded.height());
    }

    @Override
    public void close() {
        readers.shutdownNow();
    }
}
