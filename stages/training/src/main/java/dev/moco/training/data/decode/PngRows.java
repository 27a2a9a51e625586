package dev.moco.training.data.decode;

import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Inflates and unfilters the rows of a PNG, with two rows in memory. */
final class PngRows {
    /** First column and row, and distance of columns and rows, of each pass. */
    private static final List<Interlace> ADAM7 = List.of(
            new Interlace(0, 0, 8, 8),
            new Interlace(4, 0, 8, 8),
            new Interlace(0, 4, 4, 8),
            new Interlace(2, 0, 4, 4),
            new Interlace(0, 2, 2, 4),
            new Interlace(1, 0, 2, 2),
            new Interlace(0, 1, 1, 2));

    private static final List<Interlace> ONE_PASS = List.of(new Interlace(0, 0, 1, 1));

    private final PngHeader header;
    private final Inflater inflater;
    private final byte[] file;
    private final List<PngDecoder.Chunk> data;
    private int nextChunk;

    private record Interlace(int x, int y, int stepX, int stepY) {}

    /** Receives a row of packed samples: pixel i is in column {@code x + i * step}. */
    interface RowSink {
        void row(byte[] samples, int pixels, int y, int x, int step);
    }

    /** @param data location of the compressed data */
    PngRows(PngHeader header, Inflater inflater, byte[] file, List<PngDecoder.Chunk> data) {
        this.header = header;
        this.inflater = inflater;
        this.file = file;
        this.data = data;
    }

    /** Reads all rows. Where the compressed data end early, the remaining rows are black, as in Pillow. */
    void read(RowSink sink) throws BadImageException {
        for (Interlace pass : header.interlaced() ? ADAM7 : ONE_PASS) {
            int pixels = (header.size().width() - pass.x() + pass.stepX() - 1) / pass.stepX();
            if (pixels <= 0) {
                continue;
            }
            byte[] row = new byte[header.bytes(pixels)];
            byte[] above = new byte[row.length];
            byte[] filter = new byte[1];
            for (int y = pass.y(); y < header.size().height(); y += pass.stepY()) {
                if (!inflate(filter) || !inflate(row)) {
                    return;
                }
                unfilter(filter[0], row, above);
                sink.row(row, pixels, y, pass.x(), pass.stepX());
                byte[] used = above;
                above = row;
                row = used;
            }
        }
    }

    /** Fills a buffer; false if the compressed data end before. */
    private boolean inflate(byte[] buffer) throws BadImageException {
        int filled = 0;
        try {
            while (filled < buffer.length) {
                filled += inflater.inflate(buffer, filled, buffer.length - filled);
                if (filled < buffer.length) {
                    if (inflater.finished()) {
                        return false;
                    }
                    if (inflater.needsDictionary()) {
                        throw new BadImageException("damaged PNG: its data need a dictionary");
                    }
                    if (inflater.needsInput()) {
                        next();
                    }
                }
            }
            return true;
        } catch (DataFormatException e) {
            throw new BadImageException("damaged PNG: " + e.getMessage(), e);
        }
    }

    private void next() throws BadImageException {
        if (nextChunk == data.size()) {
            throw new BadImageException("truncated PNG: its data end before its rows");
        }
        PngDecoder.Chunk chunk = data.get(nextChunk++);
        inflater.setInput(file, chunk.from(), chunk.length());
    }

    private void unfilter(byte filter, byte[] row, byte[] above) throws BadImageException {
        int pixel = Math.max(1, header.channels() * header.bits() / 8);
        switch (filter) {
            case 0 -> {}
            case 1 -> {
                for (int i = pixel; i < row.length; i++) {
                    row[i] = (byte) (row[i] + row[i - pixel]);
                }
            }
            case 2 -> {
                for (int i = 0; i < row.length; i++) {
                    row[i] = (byte) (row[i] + above[i]);
                }
            }
            case 3 -> {
                for (int i = 0; i < row.length; i++) {
                    int left = i < pixel ? 0 : row[i - pixel] & 0xff;
                    row[i] = (byte) (row[i] + (left + (above[i] & 0xff)) / 2);
                }
            }
            case 4 -> {
                for (int i = 0; i < row.length; i++) {
                    int left = i < pixel ? 0 : row[i - pixel] & 0xff;
                    int corner = i < pixel ? 0 : above[i - pixel] & 0xff;
                    row[i] = (byte) (row[i] + nearest(left, above[i] & 0xff, corner));
                }
            }
            default -> throw new BadImageException("damaged PNG: unknown filter " + filter);
        }
    }

    /** The one of three neighbors that is nearest to {@code left + above - corner} (the Paeth filter). */
    private static int nearest(int left, int above, int corner) {
        int toLeft = Math.abs(above - corner);
        int toAbove = Math.abs(left - corner);
        int toCorner = Math.abs(left + above - 2 * corner);
        if (toLeft <= toAbove && toLeft <= toCorner) {
            return left;
        }
        return toAbove <= toCorner ? above : corner;
    }
}
