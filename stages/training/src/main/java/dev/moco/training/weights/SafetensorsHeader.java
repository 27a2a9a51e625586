package dev.moco.training.weights;

import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * Names, shapes and offsets of the tensors of a file. The file is untrusted; a header that was read fits the file.
 *
 * @param dataStart offset of the first number in the file
 * @param parts tensors in the order of the header; together they cover each byte after the header exactly once
 */
record SafetensorsHeader(long dataStart, List<Part> parts) {
    private static final int LENGTH_BYTES = 8;
    /** Some hundred times what a ResNet's needs; the format allows 100 MB. */
    private static final int MAX_HEADER_BYTES = 16 << 20;

    SafetensorsHeader {
        parts = List.copyOf(parts);
    }

    /** A tensor: its {@code count} numbers of a type begin {@code start} bytes after the header. */
    record Part(String name, ElementType type, List<Integer> shape, long start, int count) {
        Part {
            shape = List.copyOf(shape);
        }

        long end() {
            return start + (long) type.bytes() * count;
        }
    }

    /**
     * Reads and checks the header of a file.
     *
     * @param types allowed types of tensors
     * @throws StageFailure bad data, naming the file and the tensor, if the header is invalid
     */
    static SafetensorsHeader read(FileChannel channel, Path file, List<ElementType> types) throws IOException {
        long size = channel.size();
        if (size < LENGTH_BYTES) {
            throw wrong(file, "it must have at least " + LENGTH_BYTES + " bytes, found " + size);
        }
        long length = FloatBytes.readFully(channel, 0, FloatBytes.littleEndian(LENGTH_BYTES), file)
                .getLong();
        long most = Math.min(MAX_HEADER_BYTES, size - LENGTH_BYTES);
        if (length <= 0 || length > most) {
            throw wrong(file, "its header must have 1 to " + most + " bytes, found " + Long.toUnsignedString(length));
        }
        byte[] json = FloatBytes.readFully(channel, LENGTH_BYTES, FloatBytes.littleEndian((int) length), file)
                .array();
        if (json[0] != '{') {
            throw wrong(file, "its header must start with '{', found byte " + (json[0] & 255));
        }
        List<Part> parts = SafetensorsParser.parts(json, file, types);
        long dataStart = LENGTH_BYTES + length;
        long end = dataStart + contiguous(parts, file);
        if (end != size) {
            String last = parts.stream()
                    .max(Comparator.comparingLong(Part::end))
                    .map(part -> ", the last of which is " + SafetensorsParser.shown(part.name()) + ",")
                    .orElse("");
            throw StageFailure.badData(file + " is truncated or too long: its header and tensors" + last + " take "
                    + end + " bytes, found " + size);
        }
        return new SafetensorsHeader(dataStart, parts);
    }

    /** Count of the numbers of a shape, or {@link Long#MAX_VALUE} if they do not fit in an array. */
    static long count(List<Integer> shape) {
        if (shape.contains(0)) {
            return 0;
        }
        long count = 1;
        for (int side : shape) {
            count *= side;
            if (count > FloatBytes.MAX_NUMBERS) {
                return Long.MAX_VALUE;
            }
        }
        return count;
    }

    /** Checks that each tensor begins at the end of the one before it; returns the end of the last. */
    private static long contiguous(List<Part> parts, Path file) {
        long end = 0;
        for (Part part : parts.stream()
                .sorted(Comparator.comparingLong(Part::start).thenComparingInt(Part::count))
                .toList()) {
            if (part.start() != end) {
                throw SafetensorsParser.wrong(
                        part.name(),
                        file,
                        "must start at offset " + end + ", where the tensor before it ends, found " + part.start());
            }
            end = part.end();
        }
        return end;
    }

    private static StageFailure wrong(Path file, String problem) {
        return StageFailure.badData(file + " is not a safetensors file: " + problem);
    }
}
