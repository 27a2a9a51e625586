package dev.moco.artifacts;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Objects by key below one prefix of a bucket. Every method throws {@link dev.moco.contract.StageFailure} where the
 * cause is known: bad configuration for credentials, bucket and region, a fault for what a retry may find mended.
 */
public interface ObjectStore extends AutoCloseable {
    /** Where this is, for messages: endpoint, bucket and prefix. */
    String place();

    /** A small object, or empty if there is none. */
    Optional<byte[]> get(String key) throws IOException;

    /** Size of an object in bytes, or empty if there is none. */
    Optional<Long> size(String key) throws IOException;

    /** Part of an object; shorter at its end. */
    byte[] range(String key, long offset, int length) throws IOException;

    /** An object's bytes; the caller closes them. */
    InputStream open(String key) throws IOException;

    /** Same, without a checksum of the transport's, for a caller that verifies every byte against a digest of its own. */
    default InputStream openUnchecked(String key) throws IOException {
        return open(key);
    }

    void put(String key, byte[] bytes) throws IOException;

    /** Writes an object that must not exist yet, atomically; false if it does. */
    boolean putIfAbsent(String key, byte[] bytes) throws IOException;

    /** Writes a file; a large one in parts. */
    void upload(String key, Path file) throws IOException;

    /** Every object whose key begins with a prefix, in order of keys, a page at a time. */
    void list(String prefix, Consumer<StoredObject> each) throws IOException;

    /** Deletes an object, if there is one. */
    void delete(String key) throws IOException;

    @Override
    void close();

    /** An object: key, size in bytes, and a stamp that changes with its content (ETag, or time of change). */
    record StoredObject(String key, long size, String stamp) {}
}
