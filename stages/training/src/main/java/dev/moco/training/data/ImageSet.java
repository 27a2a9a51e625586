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
}
