package dev.moco.training.prepare;

import dev.moco.training.data.shards.Split;
import java.util.List;
import java.util.Map;

/**
 * The listing of a raw data set: about 200 bytes an image, whatever the images weigh.
 *
 * @param classNames class names in label order
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
