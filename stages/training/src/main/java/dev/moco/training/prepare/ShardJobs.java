package dev.moco.training.prepare;

import dev.moco.artifacts.StoredParts;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.StageFailure;
import dev.moco.training.data.shards.DatasetIndex.Shard;
import dev.moco.training.data.shards.ShardWriter;
import dev.moco.training.data.shards.Split;
import dev.moco.training.prepare.CheckedImages.ReadImage;
import dev.moco.training.stage.StageContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes, uploads and records the shards of a split, several at once, each with a job of its own; a shard that is recorded
 * in the store is not made again. A shard is on the local disk only until it is uploaded.
 */
final class ShardJobs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ShardJobs.class);
    /** Shards that are written at once, besides one for each thread: so many are uploaded meanwhile. */
    private static final int UPLOADS = 2;
    /** Most space for shards in progress; a larger shard is alone. */
    private static final int SCRATCH_MIB = 2 << 10;
    /** Upper bound of the bytes of tar headers, padding and index for each image. */
    private static final long OVERHEAD = 2048;
    /** Time in which uploads that have begun may end after a request to stop, shorter than what the process has. */
    private static final long UPLOAD_SECONDS = 60;

    private final StageContext context;
    private final StoredParts parts;
    private final CheckedImages images;
    private final PrepareProgress progress;
    private final int shardImages;
    private final ExecutorService threads;
    private final StoppableWaits waits;
    private final Semaphore scratchMib = new Semaphore(SCRATCH_MIB, true);
    private final Queue<Findings> findings = new ConcurrentLinkedQueue<>();

    ShardJobs(StageContext context, CheckedImages images, PrepareProgress progress, int shardImages) {
        this.context = context;
        this.parts = context.parts();
        this.images = images;
        this.progress = progress;
        this.shardImages = shardImages;
        this.waits = new StoppableWaits(context::stopRequested);
        this.threads = Executors.newFixedThreadPool(context.task().execution().threads() + UPLOADS, work -> {
            Thread thread = new Thread(work, "shard");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Most bytes of the scratch disk that the shards of these splits take at once. */
    static long scratchBytes(Collection<List<RawImage>> splits, int shardImages, int threads) {
        long total = 0;
        long largest = 0;
        for (List<RawImage> split : splits) {
            for (int first = 0; first < split.size(); first += shardImages) {
                long bytes = bytes(split.subList(first, Math.min(split.size(), first + shardImages)));
                total += bytes;
                largest = Math.max(largest, bytes);
            }
        }
        long atOnce = Math.min((long) SCRATCH_MIB << 20, (threads + UPLOADS) * largest);
        return Math.min(total, Math.max(largest, atOnce));
    }

    private static long bytes(List<RawImage> shard) {
        return shard.stream()
                .mapToLong(image -> image.image().length() + OVERHEAD)
                .sum();
    }

    /** Findings in the images so far. */
    Findings findings() {
        return Findings.of(findings);
    }

    /** Stores the images of a split as shards, in the given order; leaves out shards without a readable image. */
    List<ShardRecord> store(Split split, List<RawImage> raw) throws IOException, InterruptedException {
        List<Future<Optional<ShardRecord>>> jobs = new ArrayList<>();
        for (int first = 0; first < raw.size(); first += shardImages) {
            int number = first / shardImages;
            List<RawImage> shard = raw.subList(first, Math.min(raw.size(), first + shardImages));
            jobs.add(threads.submit(() -> store(split, number, shard)));
        }
        List<ShardRecord> shards = new ArrayList<>();
        for (Future<Optional<ShardRecord>> job : jobs) {
            waits.get(job).ifPresent(shards::add);
        }
        if (shards.isEmpty()) {
            throw StageFailure.badData("%s: none of %d images can be read; the first: %s"
                    .formatted(
                            split.id(),
                            raw.size(),
                            Findings.named(findings().bad()).names()));
        }
        return shards;
    }

    private Optional<ShardRecord> store(Split split, int number, List<RawImage> raw)
            throws IOException, InterruptedException {
        waits.check();
        Optional<ShardRecord> stored = stored(split, number, raw);
        if (stored.isPresent()) {
            findings.add(stored.get().findings());
            progress.found(raw.size()).ifPresent(context::progress);
            return stored;
        }
        int mib = (int) Math.min(SCRATCH_MIB, (bytes(raw) >> 20) + 1);
        waits.acquire(scratchMib, mib);
        try {
            return make(split, number, raw);
        } finally {
            Files.deleteIfExists(context.scratch().resolve(ShardWriter.path(split, number)));
            Files.deleteIfExists(context.scratch().resolve(ShardWriter.indexPath(split, number)));
            scratchMib.release(mib);
        }
    }

    /** The record of a shard whose files are in the store. */
    private Optional<ShardRecord> stored(Split split, int number, List<RawImage> raw) throws IOException {
        Optional<ShardRecord> found = parts.find(ShardRecord.part(split, number), ShardRecord.class);
        if (found.isEmpty()) {
            return found;
        }
        ShardRecord record = found.get();
        if (record.isOf(split, number, raw) && parts.holds(record.tar()) && parts.holds(record.index())) {
            return found;
        }
        LOG.warn("shard={} is made again: its record is not that of its images, or its files are not there", number);
        return Optional.empty();
    }

    private Optional<ShardRecord> make(Split split, int number, List<RawImage> raw)
            throws IOException, InterruptedException {
        List<Findings> ofImages = new ArrayList<>();
        Shard shard = write(split, number, raw, ofImages);
        Findings ofShard = Findings.of(ofImages);
        findings.add(ofShard);
        if (shard.images() == 0) {
            return Optional.empty();
        }
        Map<String, Path> files = new LinkedHashMap<>();
        files.put(shard.path(), context.scratch().resolve(shard.path()));
        files.put(shard.index(), context.scratch().resolve(shard.index()));
        List<FileEntry> entries = parts.upload(files);
        ShardRecord record = new ShardRecord(
                ShardRecord.VERSION, ShardRecord.listing(raw), entries.get(0), entries.get(1), shard.images(), ofShard);
        parts.put(ShardRecord.part(split, number), record);
        progress.stored(raw.size()).ifPresent(context::progress);
        return Optional.of(record);
    }

    private Shard write(Split split, int number, List<RawImage> raw, List<Findings> ofImages)
            throws IOException, InterruptedException {
        try (ShardWriter writer = new ShardWriter(context.scratch(), split, number)) {
            long first = (long) number * shardImages;
            Deque<Future<ReadImage>> ahead = new ArrayDeque<>();
            for (int i = 0; i < raw.size(); i++) {
                for (int next = i + ahead.size();
                        next < raw.size() && mayReadAhead(raw.get(next), ahead.size());
                        next++) {
                    ahead.add(images.read(first + next, raw.get(next)));
                }
                ReadImage image = waits.get(ahead.remove());
                ofImages.add(image.findings());
                if (image.sample() != null) {
                    writer.add(first + i, image.sample(), image.encoded());
                }
                images.release(image.raw());
                progress.imageDone().ifPresent(context::progress);
            }
            return writer.finish();
        }
    }

    /** Returns whether to read an image now, with so many others ahead; waits for memory if there is none. */
    private boolean mayReadAhead(RawImage image, int others) throws InterruptedException {
        if (others == 0) {
            images.awaitMemory(image, waits);
            return true;
        }
        return others < images.reads() && images.mayRead(image);
    }

    /** Ends all jobs; those that upload a finished shard have a minute to record it. */
    @Override
    public void close() {
        waits.end();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(UPLOAD_SECONDS, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
