package dev.moco.fullsize;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.zip.CRC32C;

/** Bytes of an object, which are put together when they are read. */
interface Content {
    /** Size in bytes. */
    long size();

    /** Hexadecimal digits, different for other bytes. */
    String etag();

    /** Writes {@code count} bytes from offset {@code from} on; both lie within the content. */
    void write(long from, long count, OutputStream out) throws IOException;

    /** Content that is kept as it is. */
    static InMemory of(byte[] bytes) {
        return new InMemory(bytes, etag(crc32c(bytes, 0, bytes.length), bytes.length));
    }

    static String etag(long first, long second) {
        return String.format(Locale.ROOT, "%016x%016x", first, second);
    }

    static long crc32c(byte[] bytes, int from, int count) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, count);
        return crc.getValue();
    }

    /** Bytes in memory. */
    final class InMemory implements Content {
        private final byte[] bytes;
        private final String etag;

        private InMemory(byte[] bytes, String etag) {
            this.bytes = bytes;
            this.etag = etag;
        }

        /** The bytes themselves, which nobody changes. */
        byte[] bytes() {
            return bytes;
        }

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public String etag() {
            return etag;
        }

        @Override
        public void write(long from, long count, OutputStream out) throws IOException {
            out.write(bytes, (int) from, (int) count);
        }
    }
}
