package dev.moco.training.weights.formats;

import dev.moco.training.weights.input.Bytes;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The four members of a tar of PyTorch; it may have no others, and nothing but plain files. */
final class UstarMembers {
    private static final Set<String> NAMES = Set.of("sys_info", "storages", "tensors", "pickle");
    private static final int BLOCK = 512;
    private static final int SIZE_AT = 124;
    private static final int SUM_AT = 148;
    private static final int TYPE_AT = 156;

    private UstarMembers() {}

    static Map<String, Bytes> of(Bytes file) throws IOException {
        Map<String, Bytes> members = new LinkedHashMap<>();
        for (long at = 0; ; ) {
            byte[] header = file.read(at, BLOCK, "a tar header");
            if (header[0] == 0) {
                return members;
            }
            int nameLength = 0;
            while (nameLength < 100 && header[nameLength] != 0) {
                nameLength++;
            }
            String name = new String(header, 0, nameLength, StandardCharsets.ISO_8859_1);
            boolean plain = header[TYPE_AT] == '0' || header[TYPE_AT] == 0;
            if (!NAMES.contains(name) || !plain || octal(header, SUM_AT, 8) != sum(header)) {
                throw new RefusedException(
                        Reason.TAR,
                        "member " + RefusedException.shown(name) + " must be a plain file with one of the names "
                                + NAMES.stream().sorted().toList());
            }
            long size = octal(header, SIZE_AT, 12);
            if (members.put(name, file.part(at + BLOCK, size, "member " + name)) != null) {
                throw new RefusedException(Reason.TAR, "member " + name + " is there twice");
            }
            at += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
        }
    }

    /** Sum of the bytes of a header, in which the sum itself counts as spaces. */
    private static long sum(byte[] header) {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= SUM_AT && i < SUM_AT + 8 ? ' ' : header[i] & 255;
        }
        return sum;
    }

    private static long octal(byte[] header, int at, int length) {
        long value = 0;
        for (int i = at; i < at + length && header[i] != 0 && header[i] != ' '; i++) {
            if (header[i] < '0' || header[i] > '7') {
                throw new RefusedException(Reason.TAR, "a tar header has a number that is not octal");
            }
            value = value * 8 + header[i] - '0';
        }
        return value;
    }
}
