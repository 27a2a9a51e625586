package dev.moco.training.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Files of named float32 tensors in the safetensors format: the length of the header in eight bytes, the header in
 * JSON, then the numbers, little-endian.
 */
public final class Safetensors {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LENGTH_BYTES = 8;
    private static final int MAX_HEADER_BYTES = 100 << 20;
    private static final String TYPE = "F32";
    private static final String METADATA = "__metadata__";

    private Safetensors() {}

    /** A tensor; {@code values} has the product of {@code shape} numbers in row order and is not copied. */
    @SuppressWarnings("ArrayRecordComponent") // up to hundreds of megabytes
    public record Tensor(List<Integer> shape, float[] values) {
        public Tensor {
            shape = List.copyOf(shape);
            if (values.length != size(shape)) {
                throw new IllegalArgumentException(
                        "a tensor of shape " + shape + " cannot have " + values.length + " numbers");
            }
        }
    }

    /** Writes a new file, tensors in the map's order: the same map makes the same bytes. */
    public static void write(Path file, Map<String, Tensor> tensors) throws IOException {
        ObjectNode header = JSON.createObjectNode();
        long offset = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            ObjectNode node = header.putObject(entry.getKey());
            node.put("dtype", TYPE);
            node.putPOJO("shape", entry.getValue().shape());
            long end = offset + (long) Float.BYTES * entry.getValue().values().length;
            node.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] json = JSON.writeValueAsBytes(header);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            writeFully(channel, littleEndian(LENGTH_BYTES).putLong(json.length).flip());
            writeFully(channel, ByteBuffer.wrap(json));
            for (Tensor tensor : tensors.values()) {
                ByteBuffer bytes = littleEndian(Math.multiplyExact(tensor.values().length, Float.BYTES));
                bytes.asFloatBuffer().put(tensor.values());
                writeFully(channel, bytes);
            }
        }
    }

    /**
     * Reads every tensor of a file, in the header's order.
     *
     * @throws StageFailure bad data, naming the file, if it is not in this format or has tensors of another type
     */
    public static Map<String, Tensor> read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long length = readFully(channel, 0, LENGTH_BYTES, file).getLong();
            if (length <= 0 || length > Math.min(MAX_HEADER_BYTES, channel.size() - LENGTH_BYTES)) {
                throw StageFailure.badData(file + " is not a safetensors file: its header would have " + length
                        + " of its " + channel.size() + " bytes");
            }
            JsonNode header = JSON.readTree(
                    readFully(channel, LENGTH_BYTES, (int) length, file).array());
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> entry : header.properties()) {
                if (!entry.getKey().equals(METADATA)) {
                    tensors.put(
                            entry.getKey(),
                            tensor(channel, LENGTH_BYTES + length, entry.getKey(), entry.getValue(), file));
                }
            }
            return tensors;
        }
    }

    private static Tensor tensor(FileChannel channel, long data, String name, JsonNode node, Path file)
            throws IOException {
        List<Integer> shape = new ArrayList<>();
        node.path("shape").forEach(side -> shape.add(side.asInt()));
        long start = node.path("data_offsets").path(0).asLong();
        long bytes = node.path("data_offsets").path(1).asLong() - start;
        if (!node.path("dtype").asText().equals(TYPE) || bytes != (long) Float.BYTES * size(shape)) {
            throw StageFailure.badData(
                    "tensor " + name + " of " + file + " must be " + TYPE + " and fill its bytes, found " + node);
        }
        float[] values = new float[size(shape)];
        readFully(channel, data + start, (int) bytes, file).asFloatBuffer().get(values);
        return new Tensor(shape, values);
    }

    private static int size(List<Integer> shape) {
        return shape.stream().reduce(1, Math::multiplyExact);
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static ByteBuffer readFully(FileChannel channel, long position, int length, Path file) throws IOException {
        ByteBuffer bytes = littleEndian(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw StageFailure.badData(file + " is cut off: it has " + channel.size() + " bytes");
            }
        }
        return bytes.flip();
    }
}
