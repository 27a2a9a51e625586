package dev.moco.training.data.shards;

import dev.moco.training.data.Sample;
import dev.moco.training.data.Sample.GroundTruth;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Samples of a split in columns: about 70 bytes for each image, so that ImageNet's 1.28 million take 90 MB instead of
 * half a gigabyte as records.
 */
final class SampleTable {
    private final int[] shards;
    private final long[] offsets;
    private final int[] lengths;
    private final int[] crcs;
    private final int[] labels;
    private final int[] widths;
    private final int[] heights;
    private final int[] nameEnds;
    private byte[] names = new byte[1 << 10];
    private final List<List<GroundTruth>> objects;
    private int size;

    SampleTable(int capacity) {
        shards = new int[capacity];
        offsets = new long[capacity];
        lengths = new int[capacity];
        crcs = new int[capacity];
        labels = new int[capacity];
        widths = new int[capacity];
        heights = new int[capacity];
        nameEnds = new int[capacity];
        objects = new ArrayList<>(capacity);
    }

    void add(int shard, ShardIndex.Entry entry) {
        byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
        int nameStart = size == 0 ? 0 : nameEnds[size - 1];
        if (nameStart + name.length > names.length) {
            names = Arrays.copyOf(names, Math.max(names.length * 2, nameStart + name.length));
        }
        System.arraycopy(name, 0, names, nameStart, name.length);
        nameEnds[size] = nameStart + name.length;
        shards[size] = shard;
        offsets[size] = entry.offset();
        lengths[size] = entry.length();
        crcs[size] = (int) entry.crc32c();
        labels[size] = entry.label();
        widths[size] = entry.width();
        heights[size] = entry.height();
        objects.add(entry.objects());
        size++;
    }

    int size() {
        return size;
    }

    Sample sample(int index) {
        return new Sample(name(index), widths[index], heights[index], labels[index], objects.get(index));
    }

    String name(int index) {
        int start = index == 0 ? 0 : nameEnds[index - 1];
        return new String(names, start, nameEnds[index] - start, StandardCharsets.UTF_8);
    }

    int shard(int index) {
        return shards[index];
    }

    long offset(int index) {
        return offsets[index];
    }

    int length(int index) {
        return lengths[index];
    }

    long crc32c(int index) {
        return crcs[index] & 0xffffffffL;
    }
}
