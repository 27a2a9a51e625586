package dev.moco.training.data.loader;

/**
 * Part of every batch that a loader fills, one of several of equal size.
 *
 * @param index number of the part, from 0
 * @param parts number of parts
 */
public record BatchPart(int index, int parts) {
    /** All of every batch. */
    public static final BatchPart WHOLE = new BatchPart(0, 1);

    /** Images of the part. */
    public int images(int batch) {
        return batch / parts;
    }

    /** First of its images within the batch. */
    int first(int batch) {
        return index * images(batch);
    }
}
