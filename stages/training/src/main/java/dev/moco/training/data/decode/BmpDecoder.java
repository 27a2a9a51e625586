package dev.moco.training.data.decode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Decodes BMP as Pillow does: palettes of 1, 4 and 8 bits, 16 bits of 5:5:5 or 5:6:5, 24 and 32 bits, from below or from
 * above. Run-length encoding, which hardly anything writes, is refused.
 */
final class BmpDecoder implements RasterImage {
    private static final int FILE_HEADER = 14;
    private static final int OLD_HEADER = 12;
    private static final int HEADER = 40;
    private static final int RAW = 0;
    private static final int BIT_FIELDS = 3;
    private static final int GREEN_OF_565 = 0x7e0;
    private static final int MOST_COLORS = 256;

    private final byte[] file;
    private final ImageSize size;
    private final int bits;
    private final boolean fromAbove;
    private final long data;
    private final byte[] palette;
    /** Masks of red, green and blue in a pixel of 16 or 32 bits. */
    private final int[] masks;

    private BmpDecoder(
            byte[] file, ImageSize size, int bits, boolean fromAbove, long data, byte[] palette, int[] masks) {
        this.file = file;
        this.size = size;
        this.bits = bits;
        this.fromAbove = fromAbove;
        this.data = data;
        this.palette = palette;
        this.masks = masks;
    }

    static boolean matches(byte[] file) {
        return file.length > FILE_HEADER + 4 && file[0] == 'B' && file[1] == 'M';
    }

    static BmpDecoder of(byte[] file) throws BadImageException {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        long header = bytes.getInt(FILE_HEADER) & 0xffffffffL;
        boolean old = header == OLD_HEADER;
        if (!old && (header < HEADER || header > 124)) {
            throw new BadImageException("BMP with a header of " + header + " bytes");
        }
        requireBytes(file, FILE_HEADER + header);
        int at = FILE_HEADER + 4;
        int height = old ? bytes.getShort(at + 2) & 0xffff : bytes.getInt(at + 4);
        boolean fromAbove = height < 0;
        ImageSize size = ImageSize.checked(
                old ? bytes.getShort(at) & 0xffff : bytes.getInt(at),
                fromAbove ? -Math.max(height, -0x7fffffff) : height);
        int bits = bytes.getShort(old ? at + 6 : at + 10) & 0xffff;
        int compression = old ? RAW : bytes.getInt(at + 12);
        if (compression != RAW && (compression != BIT_FIELDS || (bits != 16 && bits != 32 && bits != 24))) {
            throw new BadImageException("BMP of " + bits + " bits with compression " + compression
                    + "; only uncompressed ones can be decoded");
        }
        long next = FILE_HEADER + header;
        int[] masks = bits == 16 ? new int[] {0x7c00, 0x3e0, 0x1f} : new int[] {0xff0000, 0xff00, 0xff};
        if (compression == BIT_FIELDS) {
            int from = FILE_HEADER + HEADER;
            requireBytes(file, from + 12L);
            int[] found = {bytes.getInt(from), bytes.getInt(from + 4), bytes.getInt(from + 8)};
            masks = known(bits, found, masks);
            next = Math.max(next, from + 12L);
        }
        byte[] palette = new byte[0];
        if (bits == 1 || bits == 4 || bits == 8) {
            int entry = old ? 3 : 4;
            long colors = old ? 0 : bytes.getInt(at + 28) & 0xffffffffL;
            colors = colors == 0 ? 1L << bits : colors;
            if (colors > MOST_COLORS) {
                throw new BadImageException("BMP with a palette of " + colors + " colors");
            }
            requireBytes(file, next + colors * entry);
            palette = palette(file, (int) next, (int) colors, entry);
            next += colors * entry;
        } else if (bits != 16 && bits != 24 && bits != 32) {
            throw new BadImageException("BMP of " + bits + " bits");
        }
        long given = bytes.getInt(10) & 0xffffffffL;
        BmpDecoder decoder = new BmpDecoder(file, size, bits, fromAbove, given == 0 ? next : given, palette, masks);
        decoder.check();
        return decoder;
    }

    private static int[] known(int bits, int[] found, int[] usual) throws BadImageException {
        boolean none = found[0] == 0 && found[1] == 0 && found[2] == 0;
        boolean ofBytes = found[0] == 0xff0000 && found[1] == 0xff00 && found[2] == 0xff;
        boolean turned = found[0] == 0xff && found[1] == 0xff00 && found[2] == 0xff0000;
        boolean shifted = found[0] == 0xff000000 && found[1] == 0xff0000 && found[2] == 0xff00;
        boolean fiveBits = found[0] == 0x7c00 && found[1] == 0x3e0 && found[2] == 0x1f;
        boolean sixBits = found[0] == 0xf800 && found[1] == GREEN_OF_565 && found[2] == 0x1f;
        boolean known = switch (bits) {
            case 16 -> fiveBits || sixBits;
            case 24 -> ofBytes;
            default -> none || ofBytes || turned || shifted;
        };
        if (!known) {
            throw new BadImageException(
                    "BMP of %d bits with masks %x, %x, %x".formatted(bits, found[0], found[1], found[2]));
        }
        return none ? usual : found;
    }

    /** Red, green and blue of each color; colors that the file does not have are black. */
    private static byte[] palette(byte[] file, int from, int colors, int entry) {
        byte[] palette = new byte[MOST_COLORS * 3];
        for (int color = 0; color < colors; color++) {
            for (int channel = 0; channel < 3; channel++) {
                palette[color * 3 + channel] = file[from + color * entry + 2 - channel];
            }
        }
        return palette;
    }

    private static void requireBytes(byte[] file, long bytes) throws BadImageException {
        if (file.length < bytes) {
            throw new BadImageException("truncated BMP: " + file.length + " bytes of at least " + bytes);
        }
    }

    @Override
    public ImageSize size() {
        return size;
    }

    @Override
    public long heapBytes() {
        return RasterImage.rgbBytes(size);
    }

    private long rowBytes() {
        return ((long) size.width() * bits + 31) / 32 * 4;
    }

    @Override
    public void check() throws BadImageException {
        requireBytes(file, data + rowBytes() * size.height());
    }

    @Override
    public byte[] decode() {
        int width = size.width();
        byte[] rgb = new byte[width * size.height() * 3];
        for (int y = 0; y < size.height(); y++) {
            int row = fromAbove ? y : size.height() - 1 - y;
            int from = (int) (data + rowBytes() * row);
            for (int x = 0; x < width; x++) {
                pixel(from, x, rgb, (y * width + x) * 3);
            }
        }
        return rgb;
    }

    private void pixel(int row, int x, byte[] rgb, int at) {
        if (bits <= 8) {
            int first = x * bits;
            int index = (file[row + first / 8] & 0xff) >> (8 - bits - first % 8) & ((1 << bits) - 1);
            System.arraycopy(palette, index * 3, rgb, at, 3);
            return;
        }
        int bytes = bits / 8;
        int value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (file[row + x * bytes + i] & 0xff) << (8 * i);
        }
        for (int channel = 0; channel < 3; channel++) {
            int mask = masks[channel];
            int shifted = (value & mask) >>> Integer.numberOfTrailingZeros(mask);
            int most = mask >>> Integer.numberOfTrailingZeros(mask);
            rgb[at + channel] = (byte) (shifted * 255 / most);
        }
    }
}
