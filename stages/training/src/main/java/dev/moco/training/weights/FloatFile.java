package dev.moco.training.weights;

import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Files of little-endian float32 numbers without a header, used for the arrays of checkpoints. */
public final class FloatFile {
    private FloatFile() {}

    /** Writes a new file. */
    public static void write(Path file, float[] values) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            FloatBytes.write(channel, values);
        }
    }

    /**
     * Reads a file with a known count of numbers.
     *
     * @throws StageFailure bad data, naming the file, if it is missing or has more or fewer numbers
     */
    public static float[] read(Path file, int count) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long bytes = (long) Float.BYTES * count;
            if (channel.size() != bytes) {
                throw StageFailure.badData(file + " must have " + count + " numbers in " + bytes + " bytes, found "
                        + channel.size() + " bytes");
            }
            return FloatBytes.read(channel, 0, count, file);
        } catch (NoSuchFileException e) {
            throw StageFailure.badData(file + " is missing", e);
        }
    }
}
