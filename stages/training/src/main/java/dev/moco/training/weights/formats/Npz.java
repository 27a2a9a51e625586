package dev.moco.training.weights.formats;

import dev.moco.training.weights.ElementType;
import dev.moco.training.weights.StoredTensor;
import dev.moco.training.weights.TypedStorage;
import dev.moco.training.weights.input.Bytes;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import dev.moco.training.weights.pickle.PickleMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Archives of {@code numpy.savez}: a file of version 1 or 2 for each array, whose dtype is a number's. */
final class Npz {
    private static final String SUFFIX = ".npy";
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int HEADER_BYTES = 1 << 12;
    private static final int DIMENSIONS = 8;
    private static final Pattern HEADER = Pattern.compile("\\{'descr': '([<>|=]?)([a-z]\\d{1,2})', "
            + "'fortran_order': (True|False), 'shape': \\(([0-9, ]{0,200})\\), \\}[ ]*+\n");

    private Npz() {}

    static PickleMap read(Bytes file) throws IOException {
        ZipArchive archive = ZipArchive.open(file, false);
        PickleMap tensors = new PickleMap(false);
        for (String name : archive.names()) {
            ZipEntryRecord entry = archive.entry(name);
            if (entry == null || !name.endsWith(SUFFIX)) {
                throw new RefusedException(
                        Reason.FORMAT, "entry " + RefusedException.shown(name) + " must be named *" + SUFFIX);
            }
            try {
                tensors.put(name.substring(0, name.length() - SUFFIX.length()), array(ZipContent.of(entry)));
            } catch (RefusedException e) {
                throw e.in("entry " + RefusedException.shown(name));
            }
        }
        return tensors;
    }

    private static StoredTensor array(Bytes content) throws IOException {
        ByteBuffer start = content.littleEndian(0, MAGIC.length + 2, "the header");
        int version = start.get(MAGIC.length);
        if (!start.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC)) || version < 1 || version > 2) {
            throw new RefusedException(Reason.FORMAT, "it must be an .npy file of version 1 or 2");
        }
        int lengthBytes = version == 1 ? 2 : 4;
        ByteBuffer number = content.littleEndian(start.capacity(), lengthBytes, "the header");
        long length = version == 1 ? number.getShort() & 0xffff : Integer.toUnsignedLong(number.getInt());
        if (length > HEADER_BYTES) {
            throw new RefusedException(
                    Reason.LENGTH, "its header must have at most " + HEADER_BYTES + " bytes, found " + length);
        }
        long from = start.capacity() + (long) lengthBytes;
        String header = new String(content.read(from, (int) length, "the header"), StandardCharsets.ISO_8859_1);
        Matcher fields = HEADER.matcher(header);
        if (!fields.matches()) {
            throw new RefusedException(
                    Reason.FORMAT,
                    "its header must be that of an array of numbers, found " + RefusedException.shown(header));
        }
        Bytes numbers = content.part(from + length, content.length() - from - length, "the numbers");
        TypedStorage storage = TypedStorage.of(type(fields.group(2)), order(fields.group(1), fields.group(2)), numbers);
        return StoredTensor.of(storage, shape(fields.group(4)), fields.group(3).equals("True"));
    }

    private static ElementType type(String name) {
        Optional<ElementType> type = ElementType.ofNumpy(name);
        return type.orElseThrow(
                () -> new RefusedException(Reason.DTYPE, "its dtype must be a number's, found " + name));
    }

    private static ByteOrder order(String order, String type) {
        if (order.equals(">")) {
            return ByteOrder.BIG_ENDIAN;
        } else if (order.equals("<") || type.endsWith("1")) {
            return ByteOrder.LITTLE_ENDIAN;
        }
        throw new RefusedException(Reason.NUMBER, "its dtype must state a byte order, found " + order + type);
    }

    private static long[] shape(String text) {
        List<Long> sizes = new ArrayList<>();
        for (String size : text.split(",", -1)) {
            String digits = size.strip();
            if (!digits.isEmpty()) {
                if (digits.length() > 15 || digits.contains(" ")) {
                    throw new RefusedException(
                            Reason.NUMBER, "its shape must have whole numbers, found " + RefusedException.shown(text));
                }
                sizes.add(Long.parseLong(digits));
            }
        }
        if (sizes.size() > DIMENSIONS) {
            throw new RefusedException(
                    Reason.DIMS, "its shape must have at most " + DIMENSIONS + " sizes, found " + sizes.size());
        }
        return sizes.stream().mapToLong(size -> size).toArray();
    }
}
