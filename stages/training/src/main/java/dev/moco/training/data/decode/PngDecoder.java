package dev.moco.training.data.decode;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Decodes PNG by Pillow's rules: checksums of the chunks before the data are checked, those of the data and what follows
 * them are not; transparency, gamma and profiles are dropped, as in its {@code convert("RGB")}.
 */
final class PngDecoder implements RasterImage {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    /** Length and type before a chunk's content. */
    private static final int CHUNK_START = 8;
    /** The checksum after a chunk's content. */
    private static final int CHUNK_END = 4;

    private static final int HEADER_BYTES = 13;

    private final byte[] file;
    private final PngHeader header;
    private final byte[] palette;
    private final List<Chunk> data;

    /** Content of a chunk in the file; as much as the file has of it. */
    record Chunk(String type, int from, int length) {}

    private PngDecoder(byte[] file, PngHeader header, byte[] palette, List<Chunk> data) {
        this.file = file;
        this.header = header;
        this.palette = palette;
        this.data = data;
    }

    static boolean matches(byte[] bytes) {
        return bytes.length >= SIGNATURE.length
                && ByteBuffer.wrap(bytes, 0, SIGNATURE.length).equals(ByteBuffer.wrap(SIGNATURE));
    }

    /** Reads the chunks of a file. */
    static PngDecoder of(byte[] file) throws BadImageException {
        PngHeader header = null;
        byte[] palette = new byte[0];
        List<Chunk> data = new ArrayList<>();
        for (Chunk chunk = chunk(file, SIGNATURE.length); chunk != null; chunk = after(file, chunk)) {
            if (chunk.type().equals("IDAT")) {
                data.add(chunk);
                continue;
            }
            if (!data.isEmpty() || chunk.type().equals("IEND")) {
                break;
            }
            requireWhole(file, chunk);
            ByteBuffer content = ByteBuffer.wrap(file, chunk.from(), chunk.length());
            if (chunk.type().equals("IHDR") && chunk.length() >= HEADER_BYTES) {
                header = PngHeader.read(content);
            } else if (chunk.type().equals("PLTE")) {
                palette = new byte[chunk.length()];
                content.get(palette);
            }
        }
        if (header == null) {
            throw new BadImageException("PNG without a header of 13 bytes");
        }
        if (data.isEmpty()) {
            throw new BadImageException("truncated PNG: no image data in its " + file.length + " bytes");
        }
        return new PngDecoder(file, header, palette, data);
    }

    private static void requireWhole(byte[] file, Chunk chunk) throws BadImageException {
        int end = chunk.from() + chunk.length();
        if (end + CHUNK_END > file.length) {
            throw new BadImageException("truncated PNG: no image data in its " + file.length + " bytes");
        }
        CRC32 crc = new CRC32();
        crc.update(file, chunk.from() - 4, chunk.length() + 4);
        if (!chunk.type().matches("[A-Za-z0-9_]{4}")
                || (int) crc.getValue() != ByteBuffer.wrap(file).getInt(end)) {
            throw new BadImageException("damaged PNG: wrong checksum of chunk " + chunk.type());
        }
    }

    /** The chunk at a position; null at the end of the file. */
    private static @Nullable Chunk chunk(byte[] file, int at) {
        if (at + CHUNK_START > file.length) {
            return null;
        }
        long length = ByteBuffer.wrap(file).getInt(at) & 0xffffffffL;
        String type = new String(file, at + 4, 4, StandardCharsets.ISO_8859_1);
        int from = at + CHUNK_START;
        return new Chunk(type, from, (int) Math.min(length, file.length - from));
    }

    private static @Nullable Chunk after(byte[] file, Chunk chunk) {
        return chunk(file, chunk.from() + chunk.length() + CHUNK_END);
    }

    @Override
    public ImageSize size() {
        return header.size();
    }

    /** Heap that decoding takes: RGB, two rows, and RGB once more where it is turned upright. */
    @Override
    public long heapBytes() {
        int turned = orientation() == Orientation.UPRIGHT ? 0 : 3;
        return (long) header.size().width() * header.size().height() * (3 + turned)
                + 2L * header.bytes(header.size().width());
    }

    /** Orientation of the eXIf chunk; upright without one. */
    @Override
    public int orientation() {
        for (Chunk chunk = chunk(file, SIGNATURE.length); chunk != null; chunk = after(file, chunk)) {
            if (chunk.type().equals("eXIf")) {
                return Orientation.read(file, chunk.from(), chunk.from() + chunk.length());
            }
        }
        return Orientation.UPRIGHT;
    }

    /** Reads all rows and keeps none: shows that the image can be decoded, without the memory for it. */
    @Override
    public void check() throws BadImageException {
        rows((samples, pixels, y, x, step) -> {});
    }

    /** Decodes to height x width x 3 RGB bytes. */
    @Override
    public byte[] decode() throws BadImageException {
        int width = header.size().width();
        byte[] rgb = new byte[width * header.size().height() * 3];
        rows((samples, pixels, y, x, step) -> {
            for (int i = 0; i < pixels; i++) {
                pixel(samples, i, rgb, (y * width + x + i * step) * 3);
            }
        });
        return rgb;
    }

    private void rows(PngRows.RowSink sink) throws BadImageException {
        Inflater inflater = new Inflater();
        try {
            new PngRows(header, inflater, file, data).read(sink);
        } finally {
            inflater.end();
        }
    }

    private void pixel(byte[] samples, int index, byte[] rgb, int at) {
        int channels = header.channels();
        for (int channel = 0; channel < 3; channel++) {
            int sample = index * channels + (channels < 3 ? 0 : channel);
            rgb[at + channel] = header.bits() == 16
                    ? sixteenBits(samples[2 * sample], samples[2 * sample + 1])
                    : fewBits(packed(samples, sample), channel);
        }
    }

    /** Keeps the high byte, as Pillow does, but clips gray without transparency, which it reads as integers. */
    private byte sixteenBits(byte high, byte low) {
        if (header.colors() != PngHeader.GRAY) {
            return high;
        }
        return high == 0 ? low : (byte) 255;
    }

    private int packed(byte[] samples, int sample) {
        int bits = header.bits();
        if (bits == 8) {
            return samples[sample] & 0xff;
        }
        int first = sample * bits;
        return (samples[first / 8] & 0xff) >> (8 - bits - first % 8) & ((1 << bits) - 1);
    }

    private byte fewBits(int value, int channel) {
        if (header.colors() == PngHeader.PALETTE) {
            int at = value * 3 + channel;
            return at < palette.length ? palette[at] : 0;
        }
        return (byte) (value * 255 / ((1 << header.bits()) - 1));
    }
}
