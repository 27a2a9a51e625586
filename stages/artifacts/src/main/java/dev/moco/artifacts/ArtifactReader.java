package dev.moco.artifacts;

import dev.moco.contract.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads a committed artifact. The bytes of whole files are verified; a caller of {@link #range} must verify them
 * itself.
 */
public interface ArtifactReader {
    Manifest manifest();

    /**
     * Returns a local copy of a file; if the cache has none, the file is downloaded and its SHA-256 checked.
     *
     * @throws dev.moco.contract.StageFailure bad data if the file is missing or altered
     */
    Path file(String path) throws IOException;

    /**
     * Returns a verified local copy of a file, as {@link #file} does, if the cache has one or has room for it; else empty.
     * Several threads may copy different files.
     */
    Optional<Path> fileIfRoom(String path) throws IOException;

    /**
     * Reads a range of a file from a verified local copy, if there is one, or else by a ranged request. The caller must check
     * the bytes, as the SHA-256 is that of the whole file.
     */
    ByteBuffer range(String path, long offset, int length) throws IOException;
}
