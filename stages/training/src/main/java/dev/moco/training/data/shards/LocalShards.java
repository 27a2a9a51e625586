package dev.moco.training.data.shards;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import dev.moco.training.data.shards.DatasetIndex.Shard;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verified local copies of a split's shards, open for reading: as many as the cache has room for. Since the samples are
 * shuffled over all shards, any of them is as good as another.
 *
 * <p>A shard of a small split is copied when its first sample is read. A large split is copied by several threads in the
 * background, since a shuffled first batch would otherwise wait for hundreds of shards. Samples of a shard without a copy
 * are read by ranged requests. A shard with a wrong SHA-256 fails the reads of its own samples only.
 */
final class LocalShards {
    private static final Logger LOG = LoggerFactory.getLogger(LocalShards.class);
    private static final long SMALL_SPLIT_BYTES = 1L << 30;
    /** Threads that copy a large split: together they fill a link that a single stream does not. */
    private static final int COPIERS = 4;

    private final ArtifactReader reader;
    private final List<Shard> shards;
    private final boolean copyOnRead;
    private final Object[] locks;
    private final AtomicReferenceArray<@Nullable FileChannel> channels;
    private final AtomicReferenceArray<@Nullable StageFailure> damaged;
    /** True once a shard found no room, or could not be read: the others are read remotely, too. */
    private volatile boolean full;

    private LocalShards(ArtifactReader reader, List<Shard> shards, boolean copyOnRead) {
        this.reader = reader;
        this.shards = shards;
        this.copyOnRead = copyOnRead;
        this.locks = shards.stream().map(shard -> new Object()).toArray();
        channels = new AtomicReferenceArray<>(shards.size());
        damaged = new AtomicReferenceArray<>(shards.size());
    }

    static LocalShards of(ArtifactReader reader, DatasetIndex.Shards split) {
        return of(reader, split, SMALL_SPLIT_BYTES);
    }

    static LocalShards of(ArtifactReader reader, DatasetIndex.Shards split, long smallSplitBytes) {
        boolean small = split.bytes() <= smallSplitBytes;
        LocalShards local = new LocalShards(reader, split.shards(), small);
        if (!small) {
            local.copyInBackground();
        }
        return local;
    }

    /** Returns whether reading samples of a shard takes requests, so that they are better read ahead. */
    boolean remote(int shard) {
        return channels.get(shard) == null && (!copyOnRead || full);
    }

    /**
     * Returns the open copy of a shard, or null if there is none, or none yet.
     *
     * @throws StageFailure bad data, if the shard has a wrong SHA-256
     */
    @Nullable
    FileChannel channel(int shard) throws IOException {
        StageFailure failure = damaged.get(shard);
        if (failure != null) {
            throw StageFailure.badData(String.valueOf(failure.getMessage()), failure);
        }
        FileChannel open = channels.get(shard);
        return open == null && copyOnRead && !full ? copy(shard) : open;
    }

    private @Nullable FileChannel copy(int shard) throws IOException {
        synchronized (locks[shard]) {
            FileChannel open = channels.get(shard);
            if (open != null) {
                return open;
            }
            Optional<Path> copy = reader.fileIfRoom(shards.get(shard).path());
            if (copy.isEmpty()) {
                full = true;
                return null;
            }
            FileChannel opened = FileChannel.open(copy.get());
            channels.set(shard, opened);
            return opened;
        }
    }

    private void copyInBackground() {
        AtomicInteger next = new AtomicInteger();
        AtomicInteger running = new AtomicInteger(COPIERS);
        for (int i = 0; i < COPIERS; i++) {
            Thread copier = new Thread(
                    () -> {
                        copyAll(next);
                        if (running.decrementAndGet() == 0) {
                            logCopies();
                        }
                    },
                    "shard-copier");
            copier.setDaemon(true);
            copier.start();
        }
    }

    private void copyAll(AtomicInteger next) {
        try {
            for (int shard = next.getAndIncrement(); shard < shards.size() && !full; shard = next.getAndIncrement()) {
                copyUnlessDamaged(shard);
            }
        } catch (IOException | RuntimeException e) {
            // A full disk, or no network: samples of the other shards are still read by ranged requests.
            full = true;
            LOG.warn("copying shards failed, samples of the others are read remotely: {}", e.getMessage());
        }
    }

    private void copyUnlessDamaged(int shard) throws IOException {
        try {
            copy(shard);
        } catch (StageFailure e) {
            if (e.exitCode() != ExitCode.BAD_DATA) {
                throw e;
            }
            LOG.error("shard {} is damaged: {}", shards.get(shard).path(), e.getMessage());
            damaged.set(shard, e);
        }
    }

    private void logCopies() {
        int[] copied = IntStream.range(0, shards.size())
                .filter(shard -> channels.get(shard) != null)
                .toArray();
        long bytes = IntStream.of(copied)
                .mapToLong(shard -> shards.get(shard).bytes())
                .sum();
        LOG.info(
                "copied shards={} of={} mib={}{}",
                copied.length,
                shards.size(),
                bytes >> 20,
                full ? "; the cache has no room for more, samples of the others are read remotely" : "");
    }
}
