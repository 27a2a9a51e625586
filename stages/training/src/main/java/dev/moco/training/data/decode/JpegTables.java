package dev.moco.training.data.decode;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Huffman tables of the blocks of a unit of a JPEG's first scan, which has all components.
 *
 * @param dc tables of the first coefficient, for each block
 * @param ac tables of the others
 * @param units units of the scan
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record JpegTables(HuffmanTable[] dc, HuffmanTable[] ac, long units) {
    private static final int TABLES = 4;
    private static final int MAX_SAMPLING = 4;

    /** Reads them from the segments before the scan's data; null if a table is missing or a number is out of range. */
    static @Nullable JpegTables read(byte[] bytes, JpegHeader header) throws BadImageException {
        @Nullable HuffmanTable[] tables = new @Nullable HuffmanTable[2 * TABLES];
        int frame = -1;
        for (int at = JpegMarkers.next(bytes, 2);
                at < header.scan();
                at = JpegMarkers.next(bytes, JpegMarkers.end(bytes, at))) {
            if (JpegMarkers.at(bytes, at) == JpegMarkers.DHT) {
                define(bytes, at + 4, JpegMarkers.end(bytes, at), tables);
            } else if (JpegMarkers.isFrame(JpegMarkers.at(bytes, at))) {
                frame = at + 4;
            }
        }
        int count = header.colors().bands;
        HuffmanTable[] dc = new HuffmanTable[count * MAX_SAMPLING * MAX_SAMPLING];
        HuffmanTable[] ac = new HuffmanTable[dc.length];
        int blocks = 0;
        int columns = 1;
        int rows = 1;
        for (int i = 0; i < count; i++) {
            int scan = header.scan() + 5 + 2 * i;
            int component = component(bytes, frame, count, bytes[scan]);
            int horizontal = component < 0 ? 0 : (bytes[component + 1] & 0xff) >> 4;
            int vertical = component < 0 ? 0 : bytes[component + 1] & 15;
            int dcTable = (bytes[scan + 1] & 0xff) >> 4;
            int acTable = bytes[scan + 1] & 15;
            if (horizontal < 1 || horizontal > MAX_SAMPLING || vertical < 1 || vertical > MAX_SAMPLING) {
                return null;
            }
            HuffmanTable first = dcTable < TABLES ? tables[dcTable] : null;
            HuffmanTable others = acTable < TABLES ? tables[TABLES + acTable] : null;
            if (first == null || others == null) {
                return null;
            }
            int own = count == 1 ? 1 : horizontal * vertical;
            for (int block = 0; block < own; block++) {
                dc[blocks] = first;
                ac[blocks++] = others;
            }
            columns = count == 1 ? 1 : Math.max(columns, horizontal);
            rows = count == 1 ? 1 : Math.max(rows, vertical);
        }
        long units =
                part(header.size().width(), 8 * columns) * part(header.size().height(), 8 * rows);
        return new JpegTables(Arrays.copyOf(dc, blocks), Arrays.copyOf(ac, blocks), units);
    }

    private static void define(byte[] bytes, int from, int end, @Nullable HuffmanTable[] tables) {
        int at = from;
        while (at + 1 + HuffmanTable.LONGEST <= end) {
            int symbols = 0;
            for (int i = 1; i <= HuffmanTable.LONGEST; i++) {
                symbols += bytes[at + i] & 0xff;
            }
            int next = at + 1 + HuffmanTable.LONGEST + symbols;
            int number = bytes[at] & 15;
            if (next > end || number >= TABLES) {
                return;
            }
            tables[((bytes[at] & 0x10) == 0 ? 0 : TABLES) + number] = new HuffmanTable(bytes, at + 1);
            at = next;
        }
    }

    private static int component(byte[] bytes, int frame, int count, byte id) {
        for (int i = 0; i < count; i++) {
            if (bytes[frame + 6 + 3 * i] == id) {
                return frame + 6 + 3 * i;
            }
        }
        return -1;
    }

    private static long part(int size, int unit) {
        return (size + unit - 1L) / unit;
    }
}
