package dev.moco.training.data.decode;

import com.sun.jna.Memory;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decodes with libjpeg-turbo, twice as fast as the JDK. Pillow contains the same library, so the pixels are the same.
 */
final class TurboJpegDecoder implements JpegDecoder {
    /** Beginnings of libjpeg's warnings, from its file jerror.h. */
    private static final List<String> WARNINGS = List.of(
            "Application transferred too many scanlines",
            "Corrupt JPEG data: ",
            "Inconsistent progression sequence",
            "Invalid SOS parameters for sequential JPEG",
            "Premature end of JPEG file",
            "Unknown Adobe color transform code",
            "Warning: unknown JFIF revision number");

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
        byte[] samples = new byte[bytes(header, header.size())];
        decompress(encoded, header, header.size(), pixels -> pixels.get(0, samples));
        return samples;
    }

    /** Decodes at an eighth of the size: all data are read, and a 64th of the memory is needed. */
    @Override
    public @Nullable String check(byte[] encoded, JpegHeader header) throws BadImageException {
        ImageSize eighth =
                new ImageSize((header.size().width() + 7) / 8, (header.size().height() + 7) / 8);
        return decompress(encoded, header, eighth, pixels -> {}).orElse(null);
    }

    /** Decodes to a direct buffer, which {@code use} gets, and returns the first warning. */
    private Optional<String> decompress(byte[] encoded, JpegHeader header, ImageSize size, Consumer<ByteBuffer> use)
            throws BadImageException {
        int bytes = bytes(header, size);
        if (Math.max(encoded.length, bytes) > MAX_KEPT_BYTES) {
            try (Memory jpeg = new Memory(encoded.length);
                    Memory pixels = new Memory(bytes)) {
                ByteBuffer decoded = pixels.getByteBuffer(0, bytes);
                Optional<String> warning =
                        decompress(encoded, header, size, jpeg.getByteBuffer(0, encoded.length), decoded);
                use.accept(decoded);
                return warning;
            }
        }
        Buffers buffers = idle.poll();
        if (buffers == null) {
            buffers = new Buffers();
        }
        try {
            buffers.fit(encoded.length, bytes);
            Optional<String> warning = decompress(encoded, header, size, buffers.jpeg, buffers.pixels);
            use.accept(buffers.pixels);
            return warning;
        } finally {
            idle.add(buffers);
        }
    }

    private static int bytes(JpegHeader header, ImageSize size) {
        return size.width() * size.height() * (header.colors().bands == 4 ? 4 : 3);
    }

    /** Decodes by way of direct buffers that are at least as large as the file and the pixels. */
    private static Optional<String> decompress(
            byte[] encoded, JpegHeader header, ImageSize size, ByteBuffer jpeg, ByteBuffer pixels)
            throws BadImageException {
        jpeg.put(0, encoded);
        // A new handle for each image: an old one has the last image's tables, and a damaged image without tables
        // would decode with them.
        Pointer handle = TurboJpegLibrary.tjInitDecompress();
        try {
            int failed = TurboJpegLibrary.tjDecompress2(
                    handle,
                    jpeg,
                    new NativeLong(encoded.length),
                    pixels,
                    size.width(),
                    bytes(header, size) / size.height(),
                    size.height(),
                    header.colors().bands == 4 ? TurboJpegLibrary.PIXEL_FORMAT_CMYK : TurboJpegLibrary.PIXEL_FORMAT_RGB,
                    DEFAULT_FLAGS);
            return failed == 0 ? Optional.empty() : Optional.of(warning(TurboJpegLibrary.tjGetErrorStr2(handle)));
        } finally {
            TurboJpegLibrary.tjDestroy(handle);
        }
    }

    /** After a warning the library calls an error a warning, too; the message is that of the error. */
    private static String warning(String message) throws BadImageException {
        if (WARNINGS.stream().noneMatch(message::startsWith)) {
            throw new BadImageException("damaged JPEG: " + message);
        }
        return message;
    }

    /** Direct buffers, used by one thread at a time. */
    private static final class Buffers {
        private ByteBuffer jpeg = ByteBuffer.allocateDirect(0);
        private ByteBuffer pixels = ByteBuffer.allocateDirect(0);

        void fit(int jpegBytes, int pixelBytes) {
            jpeg = fitted(jpeg, jpegBytes);
            pixels = fitted(pixels, pixelBytes);
        }

        private static ByteBuffer fitted(ByteBuffer buffer, int bytes) {
            return buffer.capacity() >= bytes
                    ? buffer
                    : ByteBuffer.allocateDirect(Math.min(bytes + bytes / 4, MAX_KEPT_BYTES));
        }
    }
}
