package dev.moco.training.data.decode;

import com.sun.jna.Memory;
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
    /**
     * Larger buffers, which few images need, are freed after each image. Direct buffers would wait for the collector, until
     * many threads have used up the direct memory.
     */
    private static final int MAX_KEPT_BYTES = 4 << 20;

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
        int bytes = samples(header);
        if (Math.max(encoded.length, bytes) > MAX_KEPT_BYTES) {
            try (Memory jpeg = new Memory(encoded.length);
                    Memory pixels = new Memory(bytes)) {
                return decode(encoded, header, jpeg.getByteBuffer(0, encoded.length), pixels.getByteBuffer(0, bytes));
            }
        }
        Buffers buffers = idle.poll();
        if (buffers == null) {
            buffers = new Buffers();
        }
        try {
            return buffers.decode(encoded, header);
        } finally {
            idle.add(buffers);
        }
    }

    private static int samples(JpegHeader header) {
        return pitch(header) * header.size().height();
    }

    private static int pitch(JpegHeader header) {
        return header.size().width() * (header.colors().bands == 4 ? 4 : 3);
    }

    /** Decodes by way of direct buffers that are at least as large as the file and the pixels. */
    private static byte[] decode(byte[] encoded, JpegHeader header, ByteBuffer jpeg, ByteBuffer pixels)
            throws BadImageException {
        byte[] samples = new byte[samples(header)];
        jpeg.put(0, encoded);
        // A new handle for each image: an old one has the last image's tables, and a damaged image without tables
        // would decode with them.
        Pointer handle = TurboJpegLibrary.tjInitDecompress();
        try {
            decompress(handle, encoded.length, header, jpeg, pixels);
        } finally {
            TurboJpegLibrary.tjDestroy(handle);
        }
        pixels.get(0, samples);
        return samples;
    }

    private static void decompress(Pointer handle, int bytes, JpegHeader header, ByteBuffer jpeg, ByteBuffer pixels)
            throws BadImageException {
        int failed = TurboJpegLibrary.tjDecompress2(
                handle,
                jpeg,
                new NativeLong(bytes),
                pixels,
                header.size().width(),
                pitch(header),
                header.size().height(),
                header.colors().bands == 4 ? TurboJpegLibrary.PIXEL_FORMAT_CMYK : TurboJpegLibrary.PIXEL_FORMAT_RGB,
                DEFAULT_FLAGS);
        if (failed != 0) {
            String message = TurboJpegLibrary.tjGetErrorStr2(handle);
            if (TurboJpegLibrary.tjGetErrorCode(handle) != WARNING) {
                throw new BadImageException("damaged JPEG: " + message);
            }
            JpegDecoder.requireHarmless(message);
        }
    }

    /** Direct buffers, used by one thread at a time. */
    private static final class Buffers {
        private ByteBuffer jpeg = ByteBuffer.allocateDirect(0);
        private ByteBuffer pixels = ByteBuffer.allocateDirect(0);

        byte[] decode(byte[] encoded, JpegHeader header) throws BadImageException {
            jpeg = fitted(jpeg, encoded.length);
            pixels = fitted(pixels, samples(header));
            return TurboJpegDecoder.decode(encoded, header, jpeg, pixels);
        }

        private static ByteBuffer fitted(ByteBuffer buffer, int bytes) {
            return buffer.capacity() >= bytes
                    ? buffer
                    : ByteBuffer.allocateDirect(Math.min(bytes + bytes / 4, MAX_KEPT_BYTES));
        }
    }
}
