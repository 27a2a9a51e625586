package dev.moco.training.prepare;

import dev.moco.contract.StageFailure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.InflaterInputStream;

/**
 * Reads the WordNet ids of ImageNet's classes from {@code meta.mat}: the fields ILSVRC2012_ID and WNID of a struct array.
 * The format is described in "MAT-File Format" (level 5) by MathWorks.
 */
final class SynsetTable {
    private static final int HEADER = 128;
    private static final int COMPRESSED = 15;
    private static final int MATRIX = 14;
    private static final int STRUCT_CLASS = 2;

    private SynsetTable() {}

    static Map<Integer, String> read(String file, byte[] mat) {
        try {
            ByteBuffer data = little(mat, 0, mat.length).position(HEADER);
            while (data.hasRemaining()) {
                Element element = element(data);
                if (element.type == COMPRESSED) {
                    byte[] packed = new byte[element.data.remaining()];
                    element.data.get(packed);
                    byte[] whole = new InflaterInputStream(new ByteArrayInputStream(packed)).readAllBytes();
                    element = element(little(whole, 0, whole.length));
                }
                if (element.type == MATRIX) {
                    Map<Integer, String> synsets = synsets(element.data);
                    if (!synsets.isEmpty()) {
                        return synsets;
                    }
                }
            }
        } catch (IOException | BufferUnderflowException | IllegalArgumentException e) {
            throw StageFailure.badData(file + ": not a complete MATLAB 5 file: " + e, e);
        }
        throw StageFailure.badData(file + ": no struct array with the fields ILSVRC2012_ID and WNID");
    }

    private static Map<Integer, String> synsets(ByteBuffer matrix) {
        int arrayClass = element(matrix).data.get() & 0xff;
        ByteBuffer dimensions = element(matrix).data;
        element(matrix); // the array's name
        Map<Integer, String> synsets = new HashMap<>();
        if (arrayClass != STRUCT_CLASS) {
            return synsets;
        }
        int nameLength = element(matrix).data.getInt();
        List<String> fields = names(element(matrix).data, nameLength);
        int id = fields.indexOf("ILSVRC2012_ID");
        int wordNet = fields.indexOf("WNID");
        int structs = dimensions.getInt() * dimensions.getInt();
        for (int i = 0; i < structs && id >= 0 && wordNet >= 0; i++) {
            List<Element> values = new ArrayList<>();
            for (int field = 0; field < fields.size(); field++) {
                values.add(element(matrix));
            }
            synsets.put((int) number(content(values.get(id))), text(content(values.get(wordNet))));
        }
        return synsets;
    }

    private static List<String> names(ByteBuffer data, int length) {
        List<String> names = new ArrayList<>();
        while (data.remaining() >= length) {
            byte[] name = new byte[length];
            data.get(name);
            names.add(new String(name, StandardCharsets.US_ASCII).replaceAll("\0.*", ""));
        }
        return names;
    }

    /** Content of a matrix, after its flags, dimensions and name: numbers or characters. */
    private static Element content(Element matrix) {
        element(matrix.data);
        element(matrix.data);
        element(matrix.data);
        return element(matrix.data);
    }

    private static double number(Element value) {
        return switch (value.type) {
            case 1, 2 -> value.data.get() & 0xff;
            case 3, 4 -> value.data.getShort() & 0xffff;
            case 5, 6 -> value.data.getInt();
            case 7 -> value.data.getFloat();
            case 9 -> value.data.getDouble();
            default -> throw new IllegalArgumentException("number of type " + value.type);
        };
    }

    private static String text(Element value) {
        byte[] bytes = new byte[value.data.remaining()];
        value.data.get(bytes);
        boolean wide = value.type == 4 || value.type == 17;
        return new String(bytes, wide ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_8);
    }

    /** Reads the next element. Up to four bytes may be inside the tag; longer data is padded to a multiple of eight. */
    private static Element element(ByteBuffer data) {
        int tag = data.getInt();
        boolean small = tag >>> 16 != 0;
        int length = small ? tag >>> 16 : data.getInt();
        int type = small ? tag & 0xffff : tag;
        ByteBuffer content = data.slice(data.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        int padded = small ? 4 : type == COMPRESSED ? length : (length + 7) / 8 * 8;
        data.position(Math.min(data.limit(), data.position() + padded));
        return new Element(type, content);
    }

    private static ByteBuffer little(byte[] bytes, int offset, int length) {
        return ByteBuffer.wrap(bytes, offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private record Element(int type, ByteBuffer data) {}
}
