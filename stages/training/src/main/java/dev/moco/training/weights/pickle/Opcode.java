package dev.moco.training.weights.pickle;

import static java.util.Map.entry;

import java.util.Map;

/** Names of the opcodes that no file of weights needs, for messages. */
final class Opcode {
    private static final Map<Integer, String> NAMES = Map.ofEntries(
            entry((int) 'i', "INST"),
            entry((int) 'o', "OBJ"),
            entry(0x81, "NEWOBJ"),
            entry(0x92, "NEWOBJ_EX"),
            entry(0x82, "EXT1"),
            entry(0x83, "EXT2"),
            entry(0x84, "EXT4"),
            entry((int) 'P', "PERSID"),
            entry(0x8b, "LONG4"),
            entry((int) 'L', "LONG"),
            entry((int) 'I', "INT"),
            entry((int) 'F', "FLOAT"),
            entry((int) 'S', "STRING"),
            entry((int) 'V', "UNICODE"),
            entry(0x8d, "BINUNICODE8"),
            entry(0x8f, "EMPTY_SET"),
            entry(0x90, "ADDITEMS"),
            entry(0x91, "FROZENSET"),
            entry(0x97, "NEXT_BUFFER"),
            entry(0x98, "READONLY_BUFFER"),
            entry((int) '0', "POP"),
            entry((int) '1', "POP_MARK"),
            entry((int) '2', "DUP"),
            entry((int) 'd', "DICT"),
            entry((int) 'l', "LIST"),
            entry((int) 'p', "PUT"),
            entry((int) 'g', "GET"));

    private Opcode() {}

    static String name(int opcode) {
        return NAMES.getOrDefault(opcode, String.format("0x%02x", opcode));
    }
}
