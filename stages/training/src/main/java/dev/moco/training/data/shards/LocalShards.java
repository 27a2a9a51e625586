package dev.moco.training.data.shards;

import dev.moco.artifacts.ArtifactReader;
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
 * that does not fit the cache's disk stays remote.
 */
final class LocalShards {
    private static final Logger LOG = LoggerFactory.getLogger(LocalShards.class);
    private static final long SMALL = 1L << 30;

    private final ArtifactReader reader;
    private final List<Shard> shards;
    private final boolean onFirstTouch;
    private final AtomicReferenceArray<@Nullable FileChannel> channels;

    private LocalShards(ArtifactReader reader, List<Shard> shards, boolean onFirstTouch) {
        this.reader = reader;
        this.shards = shards;
        this.onFirstTouch = onFirstTouch;
        channels = new AtomicReferenceArray<>(shards.size());
    }

    /** @param cached a file of the same artifact in the cache, whose disk is asked for its free space */
    static LocalShards of(ArtifactReader reader, DatasetIndex.Shards split, Path cached) throws IOException {
        if (split.bytes() <= SMALL) {
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

    /** The open copy, or null while there is none. */
    @Nullable
    FileChannel channel(int shard) throws IOException {
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
                copy(shard);
            }
        } catch (IOException | RuntimeException e) {
            // Samples of the missing shards still come by ranged reads, which report what is wrong.
            LOG.warn("shards read remotely from here on: {}", e.getMessage());
        }
    }
}
