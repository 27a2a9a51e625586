package dev.moco.training.weights.formats;

import dev.moco.training.weights.Safetensors.FloatTensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A tensor to write: little-endian float32 numbers in row order, or one whole number of 64 bits.
 *
 * @param whole true for a whole number
 */
record TensorBytes(List<Integer> shape, boolean whole, ByteContent content) {
    private static final int CHUNK = 1 << 14;

    TensorBytes {
        shape = List.copyOf(shape);
    }

    /** Writes its bytes; called once for the checksum and once for the file. */
    interface ByteContent {
        void write(OutputStream out) throws IOException;
    }

    /** Number of bytes. */
    long length() {
        long elements = 1;
        for (int size : shape) {
            elements *= size;
        }
        return elements * (whole ? Long.BYTES : Float.BYTES);
    }

    /** Tensors and counters; each counter follows the running variance of its batch norm, as in torchvision's order. */
    static Map<String, TensorBytes> of(Map<String, FloatTensor> tensors, Map<String, Long> counters) {
        Map<String, TensorBytes> all = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            all.put(name, new TensorBytes(tensor.shape(), false, out -> write(out, tensor.values())));
            String counter = name.replaceFirst("\\.running_var$", ".num_batches_tracked");
            Long count = counters.get(counter);
            if (count != null && !counter.equals(name)) {
                all.put(counter, new TensorBytes(List.of(), true, out -> out.write(bytes(count))));
            }
        });
        return all;
    }

    private static byte[] bytes(long number) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(number)
                .array();
    }

    private static void write(OutputStream out, float[] values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * Math.min(CHUNK, values.length))
                .order(ByteOrder.LITTLE_ENDIAN);
        int count;
        for (int at = 0; at < values.length; at += count) {
            count = Math.min(CHUNK, values.length - at);
            bytes.asFloatBuffer().put(values, at, count);
            out.write(bytes.array(), 0, Float.BYTES * count);
        }
    }
}
