package dev.moco.training.data.decode;

import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
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
        return with(buffers -> buffers.decode(encoded, header));
    }

    @Override
    public @Nullable String check(byte[] encoded, JpegHeader header) throws BadImageException {
        return with(buffers -> buffers.check(encoded, header)).orElse(null);
    }

    private interface Use<T> {
        T of(Buffers buffers) throws BadImageException;
    }

    private <T> T with(Use<T> use) throws BadImageException {
        Buffers buffers = idle.poll();
        if (buffers == null) {
            buffers = new Buffers();
        }
        try {
            return use.of(buffers);
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
            byte[] samples = new byte[bytes(header, header.size())];
            decompress(encoded, header, header.size());
            pixels.get(0, samples);
            return samples;
        }

        /** Decodes at an eighth of the size: all data are read, and a 64th of the memory is needed. */
        Optional<String> check(byte[] encoded, JpegHeader header) throws BadImageException {
            ImageSize eighth = new ImageSize(
                    (header.size().width() + 7) / 8, (header.size().height() + 7) / 8);
            return decompress(encoded, header, eighth);
        }

        /** Decodes to {@link #pixels} and returns the first warning. */
        private Optional<String> decompress(byte[] encoded, JpegHeader header, ImageSize size)
                throws BadImageException {
            jpeg = fitted(jpeg, encoded.length);
            pixels = fitted(pixels, bytes(header, size));
            jpeg.put(0, encoded);
            // A new handle for each image: an old one has the last image's tables, and a damaged image without tables
            // would decode with them.
            Pointer handle = TurboJpegLibrary.tjInitDecompress();
            try {
                return decompress(handle, encoded.length, header, size);
            } finally {
                TurboJpegLibrary.tjDestroy(handle);
            }
        }

        private Optional<String> decompress(Pointer handle, int bytes, JpegHeader header, ImageSize size)
                throws BadImageException {
            boolean cmyk = header.colors().bands == 4;
            int failed = TurboJpegLibrary.tjDecompress2(
                    handle,
                    jpeg,
                    new NativeLong(bytes),
                    pixels,
                    size.width(),
                    bytes(header, size) / size.height(),
                    size.height(),
                    cmyk ? TurboJpegLibrary.PIXEL_FORMAT_CMYK : TurboJpegLibrary.PIXEL_FORMAT_RGB,
                    DEFAULT_FLAGS);
            if (failed == 0) {
                return Optional.empty();
            }
            String message = TurboJpegLibrary.tjGetErrorStr2(handle);
            // After a warning the library calls an error a warning, too; the message is that of the error.
            if (WARNINGS.stream().noneMatch(message::startsWith)) {
                throw new BadImageException("damaged JPEG: " + message);
            }
            return Optional.of(message);
        }

        private static int bytes(JpegHeader header, ImageSize size) {
            return size.width() * size.height() * (header.colors().bands == 4 ? 4 : 3);
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
