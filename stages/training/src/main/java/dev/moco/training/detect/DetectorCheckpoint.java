package dev.moco.training.detect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A {@link DetectorState} in a folder, a file a buffer: little-endian float32 in {@link Layout}'s order. Everything
 * else that training depends on, the order of images and all samples, is a function of seed and iteration.
 */
final class DetectorCheckpoint {
    private static final String PARAMETERS = "parameters.f32";
    private static final String STATISTICS = "statistics.f32";
    private static final String VELOCITY = "velocity.f32";

    private DetectorCheckpoint() {}

    static void write(DetectorState state, Path folder) throws IOException {
        Files.createDirectories(folder);
        write(state.parameters(), folder.resolve(PARAMETERS));
        write(state.statistics(), folder.resolve(STATISTICS));
        write(state.velocity(), folder.resolve(VELOCITY));
    }

    static DetectorState read(NDManager manager, Path folder) throws IOException {
        return DetectorState.of(
                manager,
                read(folder.resolve(PARAMETERS)),
                read(folder.resolve(STATISTICS)),
                read(folder.resolve(VELOCITY)));
    }

    /** Deletes the local copy of a saved checkpoint, with what was put beside it. */
    static void delete(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    private static void write(NDArray array, Path file) throws IOException {
        float[] values = array.toFloatArray();
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    private static float[] read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return values;
    }
}
