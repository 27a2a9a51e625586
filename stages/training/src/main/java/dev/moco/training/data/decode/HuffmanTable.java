package dev.moco.training.data.decode;

/** Lengths of the codes of a Huffman table of a JPEG, and the symbols that they stand for. */
final class HuffmanTable {
    /** Longest code, in bits. */
    static final int LONGEST = 16;

    /** Largest code of each length; -1 for none. */
    private final int[] largest = new int[LONGEST + 1];

    /** Number to add to a code of a length for the index of its symbol. */
    private final int[] offset = new int[LONGEST + 1];

    private final int[] symbols;

    /** @param at index of 16 counts of codes, one for each length, and the symbols after them; all are in the file */
    HuffmanTable(byte[] bytes, int at) {
        int code = 0;
        int symbol = 0;
        for (int length = 1; length <= LONGEST; length++) {
            int count = bytes[at + length - 1] & 0xff;
            offset[length] = symbol - code;
            largest[length] = count == 0 ? -1 : code + count - 1;
            code = (code + count) << 1;
            symbol += count;
        }
        symbols = new int[symbol];
        for (int i = 0; i < symbol; i++) {
            symbols[i] = bytes[at + LONGEST + i] & 0xff;
        }
    }

    /** Returns whether the first bits, of this length, are a code. */
    boolean isCode(int bits, int length) {
        return length <= LONGEST && bits <= largest[length];
    }

    int symbol(int code, int length) {
        int index = code + offset[length];
        return index >= 0 && index < symbols.length ? symbols[index] : 0;
    }
}
