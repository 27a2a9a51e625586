package dev.moco.training.weights;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.contract.StageFailure;
import dev.moco.training.weights.input.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
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
        write(file, tensors, Map.of());
    }

    /** Writes a new file with whole numbers of 64 bits, which are scalars, before the tensors. */
    public static void write(Path file, Map<String, FloatTensor> tensors, Map<String, Long> wholes) throws IOException {
        ObjectNode header = JSON.createObjectNode();
        long offset = 0;
        for (String name : wholes.keySet()) {
            offset = add(header, name, ElementType.INT64, List.of(), offset);
        }
        for (Map.Entry<String, FloatTensor> entry : tensors.entrySet()) {
            offset = add(
                    header,
                    entry.getKey(),
                    ElementType.FLOAT32,
                    entry.getValue().shape(),
                    offset);
        }
        byte[] json = JSON.writeValueAsBytes(header);
        // Whole numbers begin at a multiple of their size. Without them the header stays as it always was.
        int padding = wholes.isEmpty() ? 0 : Math.floorMod(-json.length, Long.BYTES);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            FloatBytes.writeFully(
                    channel,
                    FloatBytes.littleEndian(Long.BYTES)
                            .putLong(json.length + (long) padding)
                            .flip());
            FloatBytes.writeFully(channel, ByteBuffer.wrap(json));
            FloatBytes.writeFully(channel, ByteBuffer.wrap(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer numbers = FloatBytes.littleEndian(Long.BYTES * wholes.size());
            wholes.values().forEach(numbers::putLong);
            FloatBytes.writeFully(channel, numbers.flip());
            for (FloatTensor tensor : tensors.values()) {
                FloatBytes.write(channel, tensor.values());
            }
        }
    }

    /** Adds a tensor to a header; returns the offset of its end. */
    private static long add(ObjectNode header, String name, ElementType type, List<Integer> shape, long offset) {
        long end = offset + type.bytes() * SafetensorsHeader.count(shape);
        ObjectNode node = header.putObject(name);
        node.put("dtype", type.safetensors());
        node.putPOJO("shape", shape);
        node.putArray("data_offsets").add(offset).add(end);
        return end;
    }

    /**
     * Reads all tensors of a file, in the order of the header. The numbers are not checked and may be NaN.
     *
     * @throws StageFailure bad data, naming the file, if it is not in this format or has tensors of another type
     */
    public static Map<String, FloatTensor> read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            SafetensorsHeader header = SafetensorsHeader.read(channel, file, List.of(ElementType.FLOAT32));
            Map<String, FloatTensor> tensors = new LinkedHashMap<>();
            for (SafetensorsHeader.Part part : header.parts()) {
                float[] values = FloatBytes.read(channel, header.dataStart() + part.start(), part.count(), file);
                tensors.put(part.name(), new FloatTensor(part.shape(), values));
            }
            return tensors;
        }
    }

    /**
     * The tensors of an open file of any type, in the order of the header, whose numbers are read on demand.
     *
     * @throws StageFailure bad data, naming the file, if it is not in this format
     */
    public static Map<String, StoredTensor> stored(FileChannel channel, Path file, Bytes bytes) throws IOException {
        SafetensorsHeader header = SafetensorsHeader.read(channel, file, List.of(ElementType.values()));
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        for (SafetensorsHeader.Part part : header.parts()) {
            Bytes numbers =
                    bytes.part(header.dataStart() + part.start(), part.end() - part.start(), "tensor " + part.name());
            TypedStorage storage = TypedStorage.of(part.type(), ByteOrder.LITTLE_ENDIAN, numbers);
            long[] shape = part.shape().stream().mapToLong(size -> size).toArray();
            tensors.put(part.name(), StoredTensor.of(storage, shape, false));
        }
        return tensors;
    }
}
