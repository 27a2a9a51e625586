package dev.moco.training.data.shards;

import dev.moco.training.data.Sample.GroundTruth;
import java.util.List;

/**
 * Index of one shard: position and annotations of each image, in the shard's order; stored beside the shard as JSON.
 *
 * @param samples one entry for each image
 */
public record ShardIndex(List<Entry> samples) {
    public ShardIndex {
        samples = List.copyOf(samples);
    }

    /**
     * One image of a shard.
     *
     * @param name name in the source
     * @param offset first byte of the image in the shard
     * @param length bytes
     * @param crc32c CRC-32C of the bytes
     * @param label class index; -1 in detection sets and without classes
     * @param width columns; in detection sets, after the EXIF orientation is applied
     * @param height rows, likewise
     * @param objects annotated objects; empty in classification sets
     */
    public record Entry(
            String name,
            long offset,
            int length,
            long crc32c,
            int label,
            int width,
            int height,
            List<GroundTruth> objects) {
        public Entry {
            objects = List.copyOf(objects);
        }
    }
}
