package dev.moco.training.weights;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads and writes named float32 tensors in the safetensors format: the length of the header in eight bytes, the header
 * in JSON, then the numbers, all little-endian.
 */
public final class Safetensors {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TYPE = "F32";

    private Safetensors() {}

    /** A tensor; {@code values} are its numbers in row order, as many as the product of {@code shape}; not copied. */
    @SuppressWarnings("ArrayRecordComponent") // up to hundreds of megabytes
    public record FloatTensor(List<Integer> shape, float[] values) {
        public FloatTensor {
            shape = List.copyOf(shape);
            if (shape.stream().anyMatch(side -> side < 0) || values.length != SafetensorsHeader.count(shape)) {
                throw new IllegalArgumentException(
                        "a tensor of shape " + shape + " cannot have " + values.length + " numbers");
            }
        }
    }

    /** Writes a new file with the tensors in the order of the map; equal maps of equal order make equal bytes. */
    public static void write(Path file, Map<String, FloatTensor> tensors) throws IOException {
        ObjectNode header = JSON.createObjectNode();
        long offset = 0;
        for (Map.Entry<String, FloatTensor> entry : tensors.entrySet()) {
            ObjectNode node = header.putObject(entry.getKey());
            node.put("dtype", TYPE);
            node.putPOJO("shape", entry.getValue().shape());
            long end = offset + (long) Float.BYTES * entry.getValue().values().length;
            node.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] json = JSON.writeValueAsBytes(header);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            FloatBytes.writeFully(
                    channel,
                    FloatBytes.littleEndian(Long.BYTES).putLong(json.length).flip());
            FloatBytes.writeFully(channel, ByteBuffer.wrap(json));
            for (FloatTensor tensor : tensors.values()) {
                FloatBytes.write(channel, tensor.values());
            }
        }
    }

    /**
     * Reads all tensors of a file, in the order of the header. The numbers are not checked and may be NaN.
     *
     * @throws StageFailure bad data, naming the file, if it is not in this format or has tensors of another type
     */
    public static Map<String, FloatTensor> read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            SafetensorsHeader header = SafetensorsHeader.read(channel, file);
            Map<String, FloatTensor> tensors = new LinkedHashMap<>();
            for (SafetensorsHeader.Part part : header.parts()) {
                float[] values = FloatBytes.read(channel, header.dataStart() + part.start(), part.count(), file);
                tensors.put(part.name(), new FloatTensor(part.shape(), values));
            }
            return tensors;
        }
    }
}
