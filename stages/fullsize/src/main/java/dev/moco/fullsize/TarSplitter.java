package dev.moco.fullsize;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Splits what is written to it into the images of a tar and all other bytes. What is no tar has no images. Headers are
 * looked for at multiples of 512 bytes, so that a part of a tar that begins within an image is split from the next image
 * on.
 */
final class TarSplitter extends OutputStream {
    private static final int BLOCK = TarContent.BLOCK;
    private static final int MAX_IMAGE = 64 << 20;

    private final Bodies bodies;
    private final Path file;
    private final OutputStream rest;
    private final PlacedImages images = new PlacedImages();
    private final CRC32C crc = new CRC32C();
    private final byte[] block = new byte[BLOCK];
    private byte[] image = new byte[1 << 16];
    /** Bytes of the block, or of the image if its size is known. */
    private int filled;

    private int imageSize;
    private int padding;
    private long position;

    /** @param file created for the bytes that are not of images */
    TarSplitter(Bodies bodies, Path file) throws IOException {
        this.bodies = bodies;
        this.file = file;
        rest = deflated(file);
    }

    static OutputStream deflated(Path file) throws IOException {
        return new BufferedOutputStream(
                new DeflaterOutputStream(Files.newOutputStream(file), new Deflater(Deflater.BEST_SPEED), 1 << 13) {
                    @Override
                    public void close() throws IOException {
                        super.close();
                        def.end();
                    }
                },
                1 << 13);
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        crc.update(bytes, from, count);
        int at = from;
        while (at < from + count) {
            int left = from + count - at;
            if (padding > 0) {
                int used = Math.min(left, padding);
                rest.write(bytes, at, used);
                padding -= used;
                at += used;
                position += used;
            } else {
                at += imageSize > 0 ? addToImage(bytes, at, left) : addToBlock(bytes, at, left);
            }
        }
    }

    private int addToImage(byte[] bytes, int at, int left) throws IOException {
        int used = Math.min(left, imageSize - filled);
        System.arraycopy(bytes, at, image, filled, used);
        filled += used;
        position += used;
        if (filled == imageSize) {
            images.add(position - imageSize, bodies.number(image, imageSize));
            padding = (BLOCK - imageSize % BLOCK) % BLOCK;
            imageSize = 0;
            filled = 0;
        }
        return used;
    }

    private int addToBlock(byte[] bytes, int at, int left) throws IOException {
        int used = Math.min(left, BLOCK - filled);
        System.arraycopy(bytes, at, block, filled, used);
        filled += used;
        position += used;
        if (filled == BLOCK) {
            rest.write(block, 0, BLOCK);
            filled = 0;
            imageSize = fileSize(block);
            if (imageSize > image.length) {
                image = new byte[imageSize];
            }
        }
        return used;
    }

    /** Size of the file that a header of a tar announces; 0 for all other blocks. */
    private static int fileSize(byte[] block) {
        if (!new String(block, 257, 5, StandardCharsets.ISO_8859_1).equals("ustar")
                || (block[156] != '0' && block[156] != 0)) {
            return 0;
        }
        int sum = 8 * ' ';
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? 0 : block[i] & 0xff;
        }
        long size = octal(block, 124, 12);
        return octal(block, 148, 8) == sum && size > 0 && size <= MAX_IMAGE ? (int) size : 0;
    }

    private static long octal(byte[] block, int at, int length) {
        long value = 0;
        for (int i = at; i < at + length; i++) {
            if (block[i] >= '0' && block[i] <= '7') {
                value = value * 8 + block[i] - '0';
            } else if (block[i] != ' ' && block[i] != 0) {
                return -1;
            }
        }
        return value;
    }

    /** Ends the part; what is left of an image stays its tail. */
    Part finish() throws IOException {
        if (imageSize == 0) {
            rest.write(block, 0, filled);
        }
        rest.close();
        byte[] tail = imageSize == 0 ? new byte[0] : Arrays.copyOf(image, filled);
        return new Part(position, images, file, Content.of(tail), imageSize, Content.etag(crc.getValue(), position));
    }

    @Override
    public void close() throws IOException {
        rest.close();
    }

    /** Deletes what was received. */
    void delete() throws IOException {
        Files.deleteIfExists(file);
    }
}
