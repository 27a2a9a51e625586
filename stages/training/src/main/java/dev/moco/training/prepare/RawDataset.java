package dev.moco.training.prepare;

import dev.moco.training.data.shards.Split;
import java.util.List;
import java.util.Map;

/**
 * Listing of a raw data set; takes about 200 bytes of memory for each image.
 *
 * @param classNames class names in the order of their labels
 * @param splits images by split, sorted by name
 */
record RawDataset(List<String> classNames, Map<Split, List<RawImage>> splits) {
    RawDataset {
        classNames = List.copyOf(classNames);
        splits = Map.copyOf(splits);
    }

    long images() {
        return splits.values().stream().mapToLong(List::size).sum();
    }

    long bytes() {
        return splits.values().stream()
                .flatMap(List::stream)
                .mapToLong(image -> image.image().length())
                .sum();
    }
}
