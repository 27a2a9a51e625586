package dev.moco.training.stage;

import dev.moco.contract.CanonicalJson;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Files of checkpoints that several stages have, and reading them. */
public final class CheckpointFolder {
    /** File of the metrics of a run so far. */
    public static final String METRICS = "metrics.json";
    /** File of the momentum buffer of SGD. */
    public static final String VELOCITY = "velocity.f32";

    /** Limit for records and times, which have a few hundred bytes. */
    private static final int MAX_SMALL_BYTES = 1 << 16;

    private CheckpointFolder() {}

    /**
     * Reads a record of a checkpoint.
     *
     * @throws StageFailure bad data with the name of the file, if it is missing or not such a record
     */
    public static <T> T read(Path file, Class<T> type) throws IOException {
        try {
            return CanonicalJson.read(small(file), type);
        } catch (UncheckedIOException e) {
            throw StageFailure.badData(file + " is " + e.getMessage(), e);
        }
    }

    static byte[] small(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_SMALL_BYTES + 1);
            if (bytes.length > MAX_SMALL_BYTES) {
                throw StageFailure.badData(
                        file + " must have at most " + MAX_SMALL_BYTES + " bytes, found " + Files.size(file));
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw StageFailure.badData(file + " is missing", e);
        }
    }
}
