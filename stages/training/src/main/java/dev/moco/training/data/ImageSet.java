package dev.moco.training.data;

import java.io.IOException;
import java.util.List;

/** One split of a prepared data set; safe for many threads. */
public interface ImageSet {
    int size();

    List<String> classNames();

    Sample sample(int index);

    /**
     * The encoded image (JPEG or PNG) as it is in the shard.
     *
     * @throws dev.moco.contract.StageFailure bad data, naming the image, if its checksum does not fit
     */
    byte[] encoded(int index) throws IOException;
}
