package dev.moco.training.data.shards;

import dev.moco.contract.PrepareConfig.Dataset;
import java.util.List;
import java.util.Map;

/**
 * {@code index.json}: the shards of every split of a prepared data set.
 *
 * @param version version of the format
 * @param dataset kind of data
 * @param seed seed of the one global shuffle of the training samples
 * @param shardImages images of a shard; the last one has fewer, and so have shards from which bad images were skipped
 * @param classNames class names in label order; empty without classes
 * @param splits shards by {@link Split#id()}
 */
public record DatasetIndex(
        int version, Dataset dataset, long seed, int shardImages, List<String> classNames, Map<String, Shards> splits) {
    public static final String FILE = "index.json";
    public static final int VERSION = 1;

    public DatasetIndex {
        classNames = List.copyOf(classNames);
        splits = Map.copyOf(splits);
    }

    /** Shards of a split in order, and their totals. */
    public record Shards(long images, long bytes, List<Shard> shards) {
        public Shards {
            shards = List.copyOf(shards);
        }

        static Shards of(List<Shard> shards) {
            return new Shards(
                    shards.stream().mapToLong(Shard::images).sum(),
                    shards.stream().mapToLong(Shard::bytes).sum(),
                    shards);
        }
    }

    /** One shard: paths of the tar and of its {@link ShardIndex} in the artifact, size of the tar, number of images. */
    public record Shard(String path, String index, long bytes, int images) {}
}
