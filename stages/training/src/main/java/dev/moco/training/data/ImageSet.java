package dev.moco.training.data;

import java.io.IOException;
import java.util.List;

/** One split of a prepared data set; thread-safe. */
public interface ImageSet {
    int size();

    List<String> classNames();

    Sample sample(int index);

    /**
     * Reads the encoded image (JPEG or PNG) from the shard.
     *
     * @throws dev.moco.contract.StageFailure bad data with the image's name, if its checksum does not match
     */
    byte[] encoded(int index) throws IOException;

    /**
     * Opens images for reading in an order that is known. A set whose images are far away starts to read them before they are
     * asked for.
     *
     * @param order indices; must not change
     * @param first position in the order at which the reading begins
     */
    default Reads inOrder(int[] order, int first) {
        return position -> encoded(order[position]);
    }

    /** Reads images by their position in an order, each once; thread-safe. */
    interface Reads extends AutoCloseable {
        /** Reads the image at a position; fails as {@link ImageSet#encoded}. */
        byte[] encoded(int position) throws IOException;

        /** Lets go what was read ahead and not asked for. */
        @Override
        default void close() {}
    }
}
