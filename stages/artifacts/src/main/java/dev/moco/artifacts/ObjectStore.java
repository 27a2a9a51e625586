package dev.moco.artifacts;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Objects by key below a prefix of a bucket. All methods throw {@link dev.moco.contract.StageFailure} if the cause is
 * known: bad configuration for credentials, bucket and region, else a fault that a retry may fix.
 */
public interface ObjectStore extends AutoCloseable {
    /** Endpoint, bucket and prefix for messages. */
    String place();

    /**
     * Tries all that stages ask of the store, with a small object.
     *
     * @throws dev.moco.contract.StageFailure bad configuration if it cannot do something, with its reason
     */
    default void check() {}

    /** Most bytes of manifests, progress and lists of checkpoints: the largest data set's manifest has 2.6 MB. */
    int METADATA_BYTES = 4 << 20;

    /**
     * Reads an object of at most {@link #METADATA_BYTES}; empty if it does not exist.
     *
     * @throws dev.moco.contract.StageFailure bad data if it is larger
     */
    default Optional<byte[]> get(String key) throws IOException {
        return get(key, METADATA_BYTES);
    }

    /**
     * Reads an object of at most so many bytes; empty if it does not exist. No more is read, whatever size the server
     * states.
     *
     * @throws dev.moco.contract.StageFailure bad data if it is larger
     */
    Optional<byte[]> get(String key, int maxBytes) throws IOException;

    /** Returns the size of an object in bytes; empty if it does not exist. */
    Optional<Long> size(String key) throws IOException;

    /**
     * Reads a range of an object; shorter if the object ends within it.
     *
     * @throws dev.moco.contract.StageFailure bad data if the server sends more
     */
    byte[] range(String key, long offset, int length) throws IOException;

    /** Opens an object as a stream, which the caller closes. */
    InputStream open(String key) throws IOException;

    /** Opens an object without the SDK's checksum, for a caller that verifies a digest itself. */
    default InputStream openUnchecked(String key) throws IOException {
        return open(key);
    }

    void put(String key, byte[] bytes) throws IOException;

    /** Writes an object atomically, unless it exists; returns whether it was written. */
    boolean putIfAbsent(String key, byte[] bytes) throws IOException;

    /** Uploads a file; a large one in parts. */
    void upload(String key, Path file) throws IOException;

    /** Lists the objects whose keys begin with a prefix, in the order of keys, by pages. */
    void list(String prefix, Consumer<StoredObject> each) throws IOException;

    /** Returns an object as a listing has it; empty if it does not exist. */
    default Optional<StoredObject> find(String key) throws IOException {
        List<StoredObject> found = new ArrayList<>();
        list(key, object -> {
            if (object.key().equals(key)) {
                found.add(object);
            }
        });
        return found.stream().findFirst();
    }

    /** Deletes an object if it exists. */
    void delete(String key) throws IOException;

    @Override
    void close();

    /**
     * An object in a listing.
     *
     * @param key key below the prefix
     * @param size size in bytes
     * @param stamp ETag or time of the last change, which is different after a change of the content
     * @param changed time of the last change by the store's clock; {@link Instant#MAX} if the store does not say
     */
    record StoredObject(String key, long size, String stamp, Instant changed) {}
}
