package dev.moco.training.prepare;

import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;
import java.util.stream.IntStream;

/** Images of classes, sorted by id, in about 70 bytes each: a full listing takes no more than 100 MB. */
final class ImageTable extends AbstractList<RawImage> implements RandomAccess {
    private final Place place;
    private final List<String> classNames;
    private final byte[][] names;
    private final long[] offsets;
    private final long[] lengths;
    private final int[] labels;

    /** Gives the path of the file that an image is in; a name is the path below the class's folder, or in an archive. */
    interface Place {
        String path(String className, String name);
    }

    private ImageTable(
            Place place, List<String> classNames, byte[][] names, long[] offsets, long[] lengths, int[] labels) {
        this.place = place;
        this.classNames = classNames;
        this.names = names;
        this.offsets = offsets;
        this.lengths = lengths;
        this.labels = labels;
    }

    @Override
    public RawImage get(int index) {
        String className = classNames.get(labels[index]);
        String name = new String(names[index], StandardCharsets.UTF_8);
        Extent extent = new Extent(place.path(className, name), offsets[index], lengths[index]);
        return new RawImage(className + "/" + RawFiles.fileName(name), extent, labels[index], null);
    }

    @Override
    public int size() {
        return names.length;
    }

    /** Collects images in any order. */
    static final class Builder {
        private final Map<String, Integer> classes = new HashMap<>();
        private byte[][] names = new byte[1024][];
        private long[] offsets = new long[1024];
        private long[] lengths = new long[1024];
        private int[] classOf = new int[1024];
        private int count;

        void add(String className, String name, long offset, long length) {
            if (count == names.length) {
                grow(Math.max(1024, 2 * count));
            }
            names[count] = name.getBytes(StandardCharsets.UTF_8);
            offsets[count] = offset;
            lengths[count] = length;
            classOf[count++] = classes.computeIfAbsent(className, unused -> classes.size());
        }

        void clear() {
            classes.clear();
            count = 0;
        }

        private void grow(int size) {
            names = Arrays.copyOf(names, size);
            offsets = Arrays.copyOf(offsets, size);
            lengths = Arrays.copyOf(lengths, size);
            classOf = Arrays.copyOf(classOf, size);
        }

        /** @param classNames sorted, with the class of each image */
        ImageTable build(Place place, List<String> classNames) {
            int[] labels = new int[classes.size()];
            classes.forEach((name, number) -> labels[number] = Collections.binarySearch(classNames, name));
            grow(count);
            Arrays.setAll(classOf, i -> labels[classOf[i]]);
            return new ImageTable(place, classNames, names, offsets, lengths, classOf).sorted();
        }
    }

    private ImageTable sorted() {
        Comparator<Integer> byId = Comparator.comparing(this::id);
        if (IntStream.range(1, size()).allMatch(i -> byId.compare(i - 1, i) <= 0)) {
            return this;
        }
        int[] order = IntStream.range(0, size())
                .boxed()
                .sorted(byId)
                .mapToInt(Integer::intValue)
                .toArray();
        byte[][] sortedNames = new byte[size()][];
        Arrays.setAll(sortedNames, i -> names[order[i]]);
        return new ImageTable(
                place,
                classNames,
                sortedNames,
                Arrays.stream(order).mapToLong(i -> offsets[i]).toArray(),
                Arrays.stream(order).mapToLong(i -> lengths[i]).toArray(),
                Arrays.stream(order).map(i -> labels[i]).toArray());
    }

    private String id(int index) {
        return get(index).id();
    }
}
