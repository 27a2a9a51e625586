package dev.moco.training.data.decode;

import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** Decodes with libjpeg-turbo, twice as fast as the JDK (the library that Pillow brings, so the same pixels). */
final class TurboJpegDecoder implements JpegDecoder {
    private static final int WARNING = 0;
    private static final int DEFAULT_FLAGS = 0;
    /** Larger buffers, which rare images need, are given back at once. */
    private static final int MAX_KEPT_BYTES = 32 << 20;

    private static final @Nullable TurboJpegDecoder INSTANCE = TurboJpegLibrary.load() ? new TurboJpegDecoder() : null;

    /** Idle decompressors; as many as ever decoded at once. */
    private final ConcurrentLinkedQueue<Decompressor> idle = new ConcurrentLinkedQueue<>();

    private TurboJpegDecoder() {}

    /** The decoder, if the library is installed. */
    static Optional<JpegDecoder> find() {
        return Optional.ofNullable(INSTANCE);
    }

    @Override
    public String name() {
        return "libturbojpeg";
    }

    @Override
    public byte[] decode(byte[] encoded, JpegHeader header) throws BadImageException {
        Decompressor decompressor = idle.poll();
        if (decompressor == null) {
            decompressor = new Decompressor();
        }
        try {
            return decompressor.decode(encoded, header);
        } finally {
            decompressor.dropLargeBuffers();
            idle.add(decompressor);
        }
    }

    /** A library handle and its direct buffers, used by one thread at a time. */
    private static final class Decompressor {
        private final Pointer handle = TurboJpegLibrary.tjInitDecompress();
        private ByteBuffer jpeg = ByteBuffer.allocateDirect(0);
        private ByteBuffer pixels = ByteBuffer.allocateDirect(0);

        byte[] decode(byte[] encoded, JpegHeader header) throws BadImageException {
            int width = header.size().width();
            int height = header.size().height();
            boolean cmyk = header.colors().bands == 4;
            int pitch = width * (cmyk ? 4 : 3);
            byte[] samples = new byte[pitch * height];
            jpeg = fitted(jpeg, encoded.length);
            pixels = fitted(pixels, samples.length);
            jpeg.put(0, encoded);
            int failed = TurboJpegLibrary.tjDecompress2(
                    handle,
                    jpeg,
                    new NativeLong(encoded.length),
                    pixels,
                    width,
                    pitch,
                    height,
                    cmyk ? TurboJpegLibrary.PIXEL_FORMAT_CMYK : TurboJpegLibrary.PIXEL_FORMAT_RGB,
                    DEFAULT_FLAGS);
            if (failed != 0) {
                String message = TurboJpegLibrary.tjGetErrorStr2(handle);
                if (TurboJpegLibrary.tjGetErrorCode(handle) != WARNING) {
                    throw new BadImageException("damaged JPEG: " + message);
                }
                JpegDecoder.requireHarmless(message);
            }
            pixels.get(0, samples);
            return samples;
        }

        void dropLargeBuffers() {
            if (jpeg.capacity() > MAX_KEPT_BYTES || pixels.capacity() > MAX_KEPT_BYTES) {
                jpeg = ByteBuffer.allocateDirect(0);
                pixels = ByteBuffer.allocateDirect(0);
            }
        }

        private static ByteBuffer fitted(ByteBuffer buffer, int bytes) {
            return buffer.capacity() >= bytes ? buffer : ByteBuffer.allocateDirect(bytes + bytes / 4);
        }
    }
}
