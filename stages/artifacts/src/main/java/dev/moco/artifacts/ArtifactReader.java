package dev.moco.artifacts;

import dev.moco.contract.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Reads one committed artifact; every byte it hands out was verified, or is checked by the caller's own checksum. */
public interface ArtifactReader {
    Manifest manifest();

    /**
     * A local copy of a file, downloaded and verified against the manifest's SHA-256 if the cache lacks it.
     *
     * @throws dev.moco.contract.StageFailure bad data if the file is missing or altered
     */
    Path file(String path) throws IOException;

    /**
     * Bytes of a file: from the local copy if there is one, else by a ranged read. The caller checks them, as no
     * SHA-256 covers a part.
     */
    ByteBuffer range(String path, long offset, int length) throws IOException;
}
