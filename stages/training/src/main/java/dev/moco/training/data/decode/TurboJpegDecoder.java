package dev.moco.training.data.decode;

import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Decodes with libjpeg-turbo, twice as fast as the JDK. Pillow contains the same library, so the pixels are the same.
 */
final class TurboJpegDecoder implements JpegDecoder {
    private static final int WARNING = 0;
    private static final int DEFAULT_FLAGS = 0;
    /** Larger buffers, which few images need, are released after each image. */
    private static final int MAX_KEPT_BYTES = 32 << 20;

    private static final @Nullable TurboJpegDecoder INSTANCE = TurboJpegLibrary.load() ? new TurboJpegDecoder() : null;

    /** Idle buffers, at most one for each thread that has decoded at the same time. */
    private final ConcurrentLinkedQueue<Buffers> idle = new ConcurrentLinkedQueue<>();

    private TurboJpegDecoder() {}

    /** Returns the decoder if the library is installed. */
    static Optional<JpegDecoder> find() {
        return Optional.ofNullable(INSTANCE);
    }

    @Override
    public String name() {
        return "libturbojpeg";
    }

    @Override
    public byte[] decode(byte[] encoded, JpegHeader header) throws BadImageException {
        Buffers buffers = idle.poll();
        if (buffers == null) {
            buffers = new Buffers();
        }
        try {
            return buffers.decode(encoded, header);
        } finally {
            buffers.dropLargeBuffers();
            idle.add(buffers);
        }
    }

    /** Direct buffers, used by one thread at a time. */
    private static final class Buffers {
        private ByteBuffer jpeg = ByteBuffer.allocateDirect(0);
        private ByteBuffer pixels = ByteBuffer.allocateDirect(0);

        byte[] decode(byte[] encoded, JpegHeader header) throws BadImageException {
            boolean cmyk = header.colors().bands == 4;
            int pitch = header.size().width() * (cmyk ? 4 : 3);
            byte[] samples = new byte[pitch * header.size().height()];
            jpeg = fitted(jpeg, encoded.length);
            pixels = fitted(pixels, samples.length);
            jpeg.put(0, encoded);
            // A new handle for each image: an old one has the last image's tables, and a damaged image without tables
            // would decode with them.
            Pointer handle = TurboJpegLibrary.tjInitDecompress();
            try {
                decompress(handle, encoded.length, header.size(), pitch, cmyk);
            } finally {
                TurboJpegLibrary.tjDestroy(handle);
            }
            pixels.get(0, samples);
            return samples;
        }

        private void decompress(Pointer handle, int bytes, ImageSize size, int pitch, boolean cmyk)
                throws BadImageException {
            int failed = TurboJpegLibrary.tjDecompress2(
                    handle,
                    jpeg,
                    new NativeLong(bytes),
                    pixels,
                    size.width(),
                    pitch,
                    size.height(),
                    cmyk ? TurboJpegLibrary.PIXEL_FORMAT_CMYK : TurboJpegLibrary.PIXEL_FORMAT_RGB,
                    DEFAULT_FLAGS);
            if (failed != 0) {
                String message = TurboJpegLibrary.tjGetErrorStr2(handle);
                if (TurboJpegLibrary.tjGetErrorCode(handle) != WARNING) {
                    throw new BadImageException("damaged JPEG: " + message);
                }
                JpegDecoder.requireHarmless(message);
            }
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
