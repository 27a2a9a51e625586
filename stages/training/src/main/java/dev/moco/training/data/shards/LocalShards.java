package dev.moco.training.data.shards;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import dev.moco.training.data.shards.DatasetIndex.Shard;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verified local copies of a split's shards, open for reading.
 *
 * <p>A shard of a small split is copied when its first sample is read. A large split is copied shard by shard in the
 * background, since a shuffled first batch would otherwise wait for hundreds of shards; until a shard is copied, its
 * samples are read by ranged requests. A split that does not fit the cache's disk is always read by ranged requests. A
 * shard with a wrong SHA-256 fails the reads of its own samples only.
 */
final class LocalShards {
    private static final Logger LOG = LoggerFactory.getLogger(LocalShards.class);
    private static final long SMALL_SPLIT_BYTES = 1L << 30;

    private final ArtifactReader reader;
    private final List<Shard> shards;
    private final boolean copyOnRead;
    private final AtomicReferenceArray<@Nullable FileChannel> channels;
    private final AtomicReferenceArray<@Nullable StageFailure> damaged;

    private LocalShards(ArtifactReader reader, List<Shard> shards, boolean copyOnRead) {
        this.reader = reader;
        this.shards = shards;
        this.copyOnRead = copyOnRead;
        channels = new AtomicReferenceArray<>(shards.size());
        damaged = new AtomicReferenceArray<>(shards.size());
    }

    /** @param cached a file of the same artifact in the cache, on the disk whose free space counts */
    static LocalShards of(ArtifactReader reader, DatasetIndex.Shards split, Path cached) throws IOException {
        return of(reader, split, cached, SMALL_SPLIT_BYTES);
    }

    static LocalShards of(ArtifactReader reader, DatasetIndex.Shards split, Path cached, long smallSplitBytes)
            throws IOException {
        if (split.bytes() <= smallSplitBytes) {
            return new LocalShards(reader, split.shards(), true);
        }
        LocalShards local = new LocalShards(reader, split.shards(), false);
        long free = Files.getFileStore(cached).getUsableSpace();
        if (split.bytes() > free) {
            LOG.warn("no space to copy the shards, samples are read remotely, bytes={} free={}", split.bytes(), free);
        } else {
            Thread copier = new Thread(local::copyAll, "shard-copier");
            copier.setDaemon(true);
            copier.start();
        }
        return local;
    }

    /**
     * Returns the open copy of a shard, or null if there is none yet.
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
        return open == null && copyOnRead ? copy(shard) : open;
    }

    private synchronized FileChannel copy(int shard) throws IOException {
        FileChannel open = channels.get(shard);
        if (open == null) {
            open = FileChannel.open(reader.file(shards.get(shard).path()));
            channels.set(shard, open);
        }
        return open;
    }

    private void copyAll() {
        try {
            for (int shard = 0; shard < shards.size(); shard++) {
                copyUnlessDamaged(shard);
            }
        } catch (IOException | RuntimeException e) {
            // A full disk, or no network: samples of the other shards are still read by ranged requests.
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
}
