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
 * The verified local copies of a split's shards, open for reading.
 *
 * <p>A small split is copied on first touch. A large one is copied shard by shard in the background, as a shuffled first
 * batch would otherwise wait for hundreds of shards; until a shard is here, its samples come by ranged reads. A split
 * that does not fit the cache's disk stays remote. A shard that is not what was committed fails whoever wants a sample of
 * it, and no other.
 */
final class LocalShards {
    private static final Logger LOG = LoggerFactory.getLogger(LocalShards.class);
    private static final long SMALL = 1L << 30;

    private final ArtifactReader reader;
    private final List<Shard> shards;
    private final boolean onFirstTouch;
    private final AtomicReferenceArray<@Nullable FileChannel> channels;
    private final AtomicReferenceArray<@Nullable StageFailure> torn;

    private LocalShards(ArtifactReader reader, List<Shard> shards, boolean onFirstTouch) {
        this.reader = reader;
        this.shards = shards;
        this.onFirstTouch = onFirstTouch;
        channels = new AtomicReferenceArray<>(shards.size());
        torn = new AtomicReferenceArray<>(shards.size());
    }

    /** @param cached a file of the same artifact in the cache, whose disk is asked for its free space */
    static LocalShards of(ArtifactReader reader, DatasetIndex.Shards split, Path cached) throws IOException {
        return of(reader, split, cached, SMALL);
    }

    static LocalShards of(ArtifactReader reader, DatasetIndex.Shards split, Path cached, long small)
            throws IOException {
        if (split.bytes() <= small) {
            return new LocalShards(reader, split.shards(), true);
        }
        LocalShards local = new LocalShards(reader, split.shards(), false);
        long free = Files.getFileStore(cached).getUsableSpace();
        if (split.bytes() > free) {
            LOG.warn("shards read remotely: bytes={} cacheFree={}", split.bytes(), free);
        } else {
            Thread copier = new Thread(local::copyAll, "shard-copier");
            copier.setDaemon(true);
            copier.start();
        }
        return local;
    }

    /**
     * The open copy, or null while there is none.
     *
     * @throws StageFailure bad data, if the shard is not what was committed
     */
    @Nullable
    FileChannel channel(int shard) throws IOException {
        StageFailure found = torn.get(shard);
        if (found != null) {
            throw StageFailure.badData(String.valueOf(found.getMessage()), found);
        }
        FileChannel open = channels.get(shard);
        return open == null && onFirstTouch ? copy(shard) : open;
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
                copyUnlessTorn(shard);
            }
        } catch (IOException | RuntimeException e) {
            // A full disk or a lost network: samples of the missing shards still come by ranged reads.
            LOG.warn("shards read remotely from here on: {}", e.getMessage());
        }
    }

    private void copyUnlessTorn(int shard) throws IOException {
        try {
            copy(shard);
        } catch (StageFailure e) {
            if (e.exitCode() != ExitCode.BAD_DATA) {
                throw e;
            }
            LOG.error("shard {} cannot be used: {}", shards.get(shard).path(), e.getMessage());
            torn.set(shard, e);
        }
    }
}
