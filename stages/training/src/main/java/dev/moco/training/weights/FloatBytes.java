package dev.moco.training.weights;

import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Reads and writes little-endian float32 numbers in chunks, as one buffer cannot have more than 2 GiB. */
final class FloatBytes {
    /** Maximum length of a Java array, which is slightly below the largest int. */
    static final int MAX_NUMBERS = Integer.MAX_VALUE - 8;

    private static final int CHUNK = 1 << 18;

    private FloatBytes() {}

    static void write(FileChannel channel, float[] values) throws IOException {
        ByteBuffer bytes = littleEndian(Float.BYTES * Math.min(CHUNK, values.length));
        int numbers;
        for (int at = 0; at < values.length; at += numbers) {
            numbers = Math.min(CHUNK, values.length - at);
            bytes.clear().limit(Float.BYTES * numbers);
            bytes.asFloatBuffer().put(values, at, numbers);
            writeFully(channel, bytes);
        }
    }

    static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Reads numbers from a position on; the caller has checked that the file has them. */
    static float[] read(FileChannel channel, long position, int count, Path file) throws IOException {
        float[] values = new float[count];
        ByteBuffer bytes = littleEndian(Float.BYTES * Math.min(CHUNK, count));
        int numbers;
        for (int at = 0; at < count; at += numbers) {
            numbers = Math.min(CHUNK, count - at);
            bytes.clear().limit(Float.BYTES * numbers);
            readFully(channel, position + (long) Float.BYTES * at, bytes, file);
            bytes.asFloatBuffer().get(values, at, numbers);
        }
        return values;
    }

    /** Fills a buffer from a position on and flips it for reading. */
    static ByteBuffer readFully(FileChannel channel, long position, ByteBuffer bytes, Path file) throws IOException {
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw StageFailure.badData(file + " is truncated: it has " + channel.size() + " bytes, and must have "
                        + (position + bytes.limit()));
            }
        }
        return bytes.flip();
    }

    static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
