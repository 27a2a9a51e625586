package dev.moco.training.data.decode;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes the critical chunks of a PNG with the JDK: transparency, gamma and profiles are dropped, as in Pillow's
 * {@code convert("RGB")}.
 */
final class PngDecoder {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    /** Length, type and CRC around a chunk's content. */
    private static final int CHUNK_OVERHEAD = 12;

    private PngDecoder() {}

    static boolean matches(byte[] bytes) {
        return bytes.length >= SIGNATURE.length
                && ByteBuffer.wrap(bytes, 0, SIGNATURE.length).equals(ByteBuffer.wrap(SIGNATURE));
    }

    static ImageSize size(byte[] bytes) throws BadImageException {
        if (bytes.length < SIGNATURE.length + CHUNK_OVERHEAD + 13
                || !type(bytes, SIGNATURE.length).equals("IHDR")) {
            throw new BadImageException("PNG without a header of 13 bytes");
        }
        ByteBuffer header = ByteBuffer.wrap(bytes);
        return ImageSize.checked(header.getInt(SIGNATURE.length + 8), header.getInt(SIGNATURE.length + 12));
    }

    /** Heap that decoding takes: samples as stored, then RGB, and once more where it is turned upright. */
    static long heapBytes(byte[] bytes) throws BadImageException {
        ImageSize size = size(bytes);
        int depth = bytes[SIGNATURE.length + 16];
        int channels = switch (bytes[SIGNATURE.length + 17]) {
            case 2 -> 3;
            case 4 -> 2;
            case 6 -> 4;
            default -> 1;
        };
        return (long) size.width() * size.height() * (channels * (depth == 16 ? 2 : 1) + 6) + 2L * bytes.length;
    }

    /** Reads the orientation from the eXIf chunk; upright without one. */
    static int orientation(byte[] bytes) throws BadImageException {
        for (int at = SIGNATURE.length; ; at = chunkEnd(bytes, at)) {
            String type = type(bytes, at);
            if (type.equals("eXIf")) {
                return Orientation.read(bytes, at + 8, chunkEnd(bytes, at) - 4);
            }
            if (type.equals("IEND")) {
                return Orientation.UPRIGHT;
            }
        }
    }

    /** Decodes to height x width x 3 RGB bytes. */
    static byte[] decode(byte[] bytes) throws BadImageException {
        ImageSize size = size(bytes);
        ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
        try (ImageInputStream input =
                new MemoryCacheImageInputStream(new ByteArrayInputStream(criticalChunks(bytes)))) {
            reader.setInput(input, true, true);
            BufferedImage image = reader.read(0);
            if (image.getWidth() != size.width() || image.getHeight() != size.height()) {
                throw new BadImageException("damaged PNG: size differs from its header's");
            }
            return rgb(image);
        } catch (IOException | RuntimeException e) { // the reader throws index errors on damaged streams
            throw new BadImageException("damaged PNG: " + e.getMessage(), e);
        } finally {
            reader.dispose();
        }
    }

    /** Checks the CRC of each critical chunk and the end chunk, and returns the file without the other chunks. */
    private static byte[] criticalChunks(byte[] bytes) throws BadImageException {
        ByteArrayOutputStream critical = new ByteArrayOutputStream(bytes.length);
        critical.write(bytes, 0, SIGNATURE.length);
        for (int at = SIGNATURE.length; ; ) {
            int end = chunkEnd(bytes, at);
            String type = type(bytes, at);
            if (Character.isUpperCase(type.charAt(0))) {
                CRC32 crc = new CRC32();
                crc.update(bytes, at + 4, end - at - 8);
                if ((int) crc.getValue() != ByteBuffer.wrap(bytes).getInt(end - 4)) {
                    throw new BadImageException("damaged PNG: wrong checksum of chunk " + type);
                }
                critical.write(bytes, at, end - at);
            }
            if (type.equals("IEND")) {
                return critical.toByteArray();
            }
            at = end;
        }
    }

    private static int chunkEnd(byte[] bytes, int at) throws BadImageException {
        if (at + CHUNK_OVERHEAD <= bytes.length) {
            long end = at + CHUNK_OVERHEAD + (ByteBuffer.wrap(bytes).getInt(at) & 0xffffffffL);
            if (end <= bytes.length) {
                return (int) end;
            }
        }
        throw new BadImageException("truncated PNG: no end chunk in its " + bytes.length + " bytes");
    }

    private static String type(byte[] bytes, int at) throws BadImageException {
        chunkEnd(bytes, at);
        return new String(bytes, at + 4, 4, StandardCharsets.ISO_8859_1);
    }

    private static byte[] rgb(BufferedImage image) {
        Raster raster = image.getRaster();
        int width = image.getWidth();
        int bands = raster.getNumBands();
        boolean indexed = image.getColorModel() instanceof IndexColorModel;
        int bits = image.getSampleModel().getSampleSize(0);
        byte[] rgb = new byte[width * image.getHeight() * 3];
        int[] row = new int[width * bands];
        int at = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            raster.getPixels(0, y, width, 1, row);
            for (int x = 0; x < width; x++) {
                for (int channel = 0; channel < 3; channel++) {
                    int sample = row[x * bands + (bands < 3 ? 0 : channel)];
                    rgb[at++] = indexed
                            ? (byte) (image.getColorModel().getRGB(sample) >> (16 - 8 * channel))
                            : eightBits(sample, bits, bands);
                }
            }
        }
        return rgb;
    }

    /**
     * Converts as Pillow does: it keeps the high byte of 16 bits, but clips 16-bit gray, which it reads as 32-bit
     * integers.
     */
    private static byte eightBits(int sample, int bits, int bands) {
        if (bits == 8) {
            return (byte) sample;
        }
        return bands == 1 ? (byte) Math.min(sample, 255) : (byte) (sample >> 8);
    }
}
