package dev.moco.training.data.decode;

import dev.moco.training.data.RgbImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.plugins.tiff.BaselineTIFFTagSet;
import javax.imageio.plugins.tiff.TIFFDirectory;
import javax.imageio.plugins.tiff.TIFFField;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageInputStreamImpl;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the first image of a TIFF by the JDK's reader, with Pillow's pixels: gray and RGB of 8 or 16 bits, palettes, with
 * or without transparency, CMYK, black and white; uncompressed, LZW, Deflate, PackBits or fax. Others are refused by name.
 * As in Pillow the image is turned by its orientation.
 */
final class TiffDecoder implements RasterImage {
    private static final int WHITE_IS_ZERO = 0;
    private static final int BLACK_IS_ZERO = 1;
    private static final int RGB = 2;
    private static final int PALETTE = 3;
    private static final int CMYK = 5;
    private static final int JPEG = 7;
    private static final int OLD_JPEG = 6;
    private static final int ORIENTATION = 274;
    private static final long SMALL_PIECE = 1 << 20;

    private final byte[] file;
    private final TiffTags header;

    /**
     * Values of the tags.
     *
     * @param piece pixels of a strip or tile
     */
    private record TiffTags(
            ImageSize stored, long piece, int orientation, int colors, int bits, int channels, List<Integer> palette) {}

    private TiffDecoder(byte[] file, TiffTags header) {
        this.file = file;
        this.header = header;
    }

    static boolean matches(byte[] file) {
        if (file.length < 8) {
            return false;
        }
        int first = ByteBuffer.wrap(file).getInt();
        return first == 0x49492a00 || first == 0x4d4d002a;
    }

    static TiffDecoder of(byte[] file) throws BadImageException {
        return new TiffDecoder(file, read(file, reader -> tags(file, reader)));
    }

    /** Reads an array in place. */
    private static final class ArrayInput extends ImageInputStreamImpl {
        private final byte[] bytes;

        ArrayInput(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read() {
            bitOffset = 0;
            return streamPos < bytes.length ? bytes[(int) streamPos++] & 0xff : -1;
        }

        @Override
        public int read(byte[] to, int offset, int length) {
            bitOffset = 0;
            if (streamPos >= bytes.length) {
                return -1;
            }
            int count = (int) Math.min(length, bytes.length - streamPos);
            System.arraycopy(bytes, (int) streamPos, to, offset, count);
            streamPos += count;
            return count;
        }

        @Override
        public long length() {
            return bytes.length;
        }
    }

    private interface Use<T> {
        T of(ImageReader reader) throws IOException, BadImageException;
    }

    private static <T> T read(byte[] file, Use<T> use) throws BadImageException {
        ImageReader reader = ImageIO.getImageReadersByFormatName("tiff").next();
        try (ImageInputStream stream = new ArrayInput(file)) {
            reader.setInput(stream, true, false);
            return use.of(reader);
        } catch (IOException | RuntimeException e) {
            throw new BadImageException("damaged TIFF: " + e.getMessage(), e);
        } finally {
            reader.dispose();
        }
    }

    private static TiffTags tags(byte[] file, ImageReader reader) throws IOException, BadImageException {
        ImageSize size = ImageSize.checked(reader.getWidth(0), reader.getHeight(0));
        TIFFDirectory tags = TIFFDirectory.createFromMetadata(reader.getImageMetadata(0));
        int colors = number(tags, BaselineTIFFTagSet.TAG_PHOTOMETRIC_INTERPRETATION, BLACK_IS_ZERO);
        int channels = number(tags, BaselineTIFFTagSet.TAG_SAMPLES_PER_PIXEL, 1);
        int compression = number(tags, BaselineTIFFTagSet.TAG_COMPRESSION, 1);
        TIFFField depths = tags.getTIFFField(BaselineTIFFTagSet.TAG_BITS_PER_SAMPLE);
        int bits = depths == null ? 1 : depths.getAsInt(0);
        for (int i = 0; depths != null && i < depths.getCount(); i++) {
            if (depths.getAsInt(i) != bits) {
                bits = 0;
            }
        }
        boolean known = switch (colors) {
            case WHITE_IS_ZERO, BLACK_IS_ZERO ->
                (bits == 8 && channels <= 2)
                        || (bits == 1 && channels == 1)
                        || (bits == 16 && channels == 1 && colors == BLACK_IS_ZERO);
            case RGB -> (bits == 8 || bits == 16) && (channels == 3 || channels == 4);
            case CMYK -> bits == 8 && channels == 4;
            case PALETTE -> bits == 8 && channels == 1;
            default -> false;
        };
        int format = number(tags, BaselineTIFFTagSet.TAG_SAMPLE_FORMAT, 1);
        if (!known || channels < 1 || format != 1 || compression == JPEG || compression == OLD_JPEG) {
            throw new BadImageException(("TIFF with color type %d, %d samples of %d bits, format %d and compression %d;"
                            + " it can be gray, RGB, CMYK or palette of 8 bits, gray or RGB of 16, or black and white, and not JPEG; convert it")
                    .formatted(colors, channels, bits, format, compression));
        }
        long piece = requireBounded(file, size, reader, tags);
        TIFFField map = tags.getTIFFField(BaselineTIFFTagSet.TAG_COLOR_MAP);
        if (colors == PALETTE && (map == null || map.getCount() < 3 << bits)) {
            throw new BadImageException("TIFF with a palette that has not " + (1 << bits) + " colors");
        }
        int orientation = number(tags, ORIENTATION, Orientation.UPRIGHT);
        return new TiffTags(
                size,
                piece,
                orientation >= 1 && orientation <= 8 ? orientation : Orientation.UPRIGHT,
                colors,
                bits,
                channels,
                colors == PALETTE && map != null
                        ? Arrays.stream(map.getAsInts()).boxed().toList()
                        : List.of());
    }

    private static int number(TIFFDirectory tags, int tag, int otherwise) {
        @Nullable TIFFField field = tags.getTIFFField(tag);
        return field == null || field.getCount() == 0 ? otherwise : field.getAsInt(0);
    }

    /** The reader takes memory for what these tags say, whatever the file has; returns the pixels of a strip or tile. */
    private static long requireBounded(byte[] file, ImageSize size, ImageReader reader, TIFFDirectory tags)
            throws IOException, BadImageException {
        for (int tag : new int[] {BaselineTIFFTagSet.TAG_STRIP_BYTE_COUNTS, BaselineTIFFTagSet.TAG_TILE_BYTE_COUNTS}) {
            TIFFField counts = tags.getTIFFField(tag);
            for (int i = 0; counts != null && i < counts.getCount(); i++) {
                if (counts.getAsLong(i) < 0 || counts.getAsLong(i) > file.length) {
                    throw new BadImageException(
                            "truncated TIFF: a part of " + counts.getAsLong(i) + " bytes in a file of " + file.length);
                }
            }
        }
        long piece = (long) reader.getTileWidth(0) * reader.getTileHeight(0);
        if (reader.getTileWidth(0) < 1
                || reader.getTileHeight(0) < 1
                || piece > Math.max(SMALL_PIECE, 4L * size.width() * size.height())) {
            throw new BadImageException("TIFF with parts of " + reader.getTileWidth(0) + "x" + reader.getTileHeight(0)
                    + " pixels, which do not fit the image");
        }
        return piece;
    }

    @Override
    public ImageSize size() {
        return Orientation.transposes(header.orientation()) ? header.stored().transposed() : header.stored();
    }

    @Override
    public long heapBytes() {
        long pixels = (long) header.stored().width() * header.stored().height();
        long ofPixel = (long) header.channels() * Math.max(1, header.bits() / Byte.SIZE);
        // The reader's image, one of its parts as it is read and decoded, the RGB, and the same turned.
        return (pixels + 2 * header.piece()) * ofPixel + pixels * (3 + 3) + SMALL_PIECE;
    }

    @Override
    public void check() throws BadImageException {
        DecodeMemory.OF_PROCESS.require(heapBytes());
        DecodeMemory.OF_PROCESS.within(heapBytes(), this::decode);
    }

    @Override
    public byte[] decode() throws BadImageException {
        Raster raster = read(file, reader -> reader.read(0).getRaster());
        int width = header.stored().width();
        int height = header.stored().height();
        if (raster.getWidth() != width || raster.getHeight() != height || raster.getNumBands() != header.channels()) {
            throw new BadImageException("damaged TIFF: its pixels are not those of its header");
        }
        byte[] rgb = new byte[width * height * 3];
        int[] row = new int[width * header.channels()];
        for (int y = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            if (header.colors() == CMYK) {
                byte[] inverted = new byte[row.length];
                for (int i = 0; i < row.length; i++) {
                    inverted[i] = (byte) (255 - row[i]);
                }
                System.arraycopy(JpegColors.invertedCmykToRgb(inverted), 0, rgb, y * width * 3, width * 3);
                continue;
            }
            for (int x = 0; x < width; x++) {
                pixel(row, x * header.channels(), rgb, (y * width + x) * 3);
            }
        }
        return Orientation.upright(new RgbImage(width, height, rgb), header.orientation())
                .pixels();
    }

    private void pixel(int[] row, int from, byte[] rgb, int at) {
        int most = (1 << header.bits()) - 1;
        for (int channel = 0; channel < 3; channel++) {
            int value = switch (header.colors()) {
                case RGB -> row[from + channel] >> (header.bits() - 8);
                case PALETTE -> header.palette().get(row[from] + (channel << header.bits())) >> 8;
                default -> header.bits() == 16 ? Math.min(255, row[from]) : row[from] * 255 / most;
            };
            rgb[at + channel] = (byte) (header.colors() == WHITE_IS_ZERO ? 255 - value : value);
        }
    }
}
