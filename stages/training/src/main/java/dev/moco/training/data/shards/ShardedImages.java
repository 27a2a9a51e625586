package dev.moco.training.data.shards;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.StageFailure;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.Sample;
import dev.moco.training.data.shards.DatasetIndex.Shard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;

/** A split of a prepared data set: the index is in memory; images are read and checked one by one. */
public final class ShardedImages implements ImageSet {
    /** Bytes that are read from a local file at once: the JDK keeps a direct buffer of this size for each thread. */
    private static final int BLOCK_BYTES = 256 << 10;
    /** Samples that are read ahead for each request in progress: a slow request does not hold up those behind it. */
    private static final int SAMPLES_PER_REQUEST = 2;

    private final ArtifactReader reader;
    private final List<String> classNames;
    private final List<Shard> shards;
    private final SampleTable samples;
    private final LocalShards local;

    private ShardedImages(
            ArtifactReader reader,
            List<String> classNames,
            List<Shard> shards,
            SampleTable samples,
            LocalShards local) {
        this.reader = reader;
        this.classNames = classNames;
        this.shards = shards;
        this.samples = samples;
        this.local = local;
    }

    public static ShardedImages open(ArtifactReader reader, Split split) throws IOException {
        Path indexFile = reader.file(DatasetIndex.FILE);
        DatasetIndex index = CanonicalJson.read(Files.readAllBytes(indexFile), DatasetIndex.class);
        if (index.version() != DatasetIndex.VERSION) {
            throw StageFailure.badData("%s: version %d of the shard format; supported is version %d"
                    .formatted(DatasetIndex.FILE, index.version(), DatasetIndex.VERSION));
        }
        DatasetIndex.Shards shards = index.splits().get(split.id());
        if (shards == null) {
            throw StageFailure.badData("%s: no split \"%s\"; splits are: %s"
                    .formatted(
                            DatasetIndex.FILE,
                            split.id(),
                            String.join(", ", new TreeSet<>(index.splits().keySet()))));
        }
        return new ShardedImages(
                reader, index.classNames(), shards.shards(), table(reader, shards), LocalShards.of(reader, shards));
    }

    private static SampleTable table(ArtifactReader reader, DatasetIndex.Shards split) throws IOException {
        SampleTable table = new SampleTable(Math.toIntExact(split.images()));
        // A large data set has more than a thousand indices: one after the other would take minutes.
        OrderedReads<ShardIndex> indices = new OrderedReads<>(
                split.shards().size(), number -> index(reader, split.shards().get(number)));
        for (int number = 0; number < split.shards().size(); number++) {
            for (ShardIndex.Entry entry : indices.next().samples()) {
                table.add(number, entry);
            }
        }
        return table;
    }

    private static ShardIndex index(ArtifactReader reader, Shard shard) throws IOException {
        ShardIndex index = CanonicalJson.read(Files.readAllBytes(reader.file(shard.index())), ShardIndex.class);
        if (index.samples().size() != shard.images()) {
            throw StageFailure.badData("%s: %d samples, but %s says %d"
                    .formatted(shard.index(), index.samples().size(), DatasetIndex.FILE, shard.images()));
        }
        return index;
    }

    @Override
    public int size() {
        return samples.size();
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public Sample sample(int index) {
        return samples.sample(index);
    }

    @Override
    public byte[] encoded(int index) throws IOException {
        Shard shard = shards.get(samples.shard(index));
        byte[] bytes = read(index, shard);
        if (ShardWriter.crc32c(bytes) != samples.crc32c(index)) {
            throw StageFailure.badData("%s: image %s has CRC-32C %08x, expected %08x: the shard was altered"
                    .formatted(shard.path(), samples.name(index), ShardWriter.crc32c(bytes), samples.crc32c(index)));
        }
        return bytes;
    }

    @Override
    public Reads inOrder(int[] order, int first) {
        ReadAhead.ImageSource source = new ReadAhead.ImageSource() {
            @Override
            public boolean remote(int index) {
                return local.remote(samples.shard(index));
            }

            @Override
            public int length(int index) {
                return samples.length(index);
            }

            @Override
            public byte[] read(int index) throws IOException {
                return encoded(index);
            }
        };
        return new ReadAhead(
                source, order, first, SAMPLES_PER_REQUEST * RangeThreads.REQUESTS, RangeThreads.executor());
    }

    private byte[] read(int index, Shard shard) throws IOException {
        byte[] bytes = new byte[samples.length(index)];
        long offset = samples.offset(index);
        FileChannel channel = local.channel(samples.shard(index));
        if (channel == null) {
            ByteBuffer range = reader.range(shard.path(), offset, bytes.length);
            range.get(bytes, 0, Math.min(bytes.length, range.remaining()));
            return bytes;
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.position() < bytes.length) {
            buffer.limit(Math.min(bytes.length, buffer.position() + BLOCK_BYTES));
            if (channel.read(buffer, offset + buffer.position()) < 0) {
                throw StageFailure.badData("%s: ends before image %s, which lies at bytes %d to %d"
                        .formatted(shard.path(), samples.name(index), offset, offset + bytes.length));
            }
        }
        return bytes;
    }
}
