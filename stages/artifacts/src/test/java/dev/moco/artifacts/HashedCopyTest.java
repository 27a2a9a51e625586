package dev.moco.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.moco.contract.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HashedCopyTest {
    private static final int BLOCK = HashedCopy.BLOCK_BYTES;

    @ParameterizedTest(name = "{0} bytes")
    @ValueSource(ints = {0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 16 * BLOCK, 40 * BLOCK + 7})
    void everyByteIsCopiedAndHashedOnce(int size) throws IOException {
        byte[] bytes = random(size);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(HashedCopy.copy(new ByteArrayInputStream(bytes), out)).isEqualTo(Sha256.of(bytes));
        assertThat(out.toByteArray()).isEqualTo(bytes);
    }

    @Test
    void aStreamMayReturnFewerBytesThanRequested() throws IOException {
        byte[] bytes = random(3 * BLOCK + 1);
        InputStream slow = new FilterInputStream(new ByteArrayInputStream(bytes)) {
            @Override
            public int read(byte[] to, int offset, int length) throws IOException {
                return super.read(to, offset, Math.min(length, 1_000));
            }
        };
        assertThat(HashedCopy.copy(slow, OutputStream.nullOutputStream())).isEqualTo(Sha256.of(bytes));
    }

    @Test
    void aFailureOfEitherStreamEndsTheCopyAndItsThread() {
        IOException failure = new IOException("no more");
        InputStream torn = new FilterInputStream(new ByteArrayInputStream(random(3 * BLOCK))) {
            @Override
            public int read(byte[] to, int offset, int length) throws IOException {
                int read = super.read(to, offset, length);
                if (read < 0) {
                    throw failure;
                }
                return read;
            }
        };
        assertThatThrownBy(() -> HashedCopy.copy(torn, OutputStream.nullOutputStream()))
                .isSameAs(failure);
        OutputStream full = new FilterOutputStream(OutputStream.nullOutputStream()) {
            private int written;

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                written += length;
                if (written > 2 * BLOCK) {
                    throw failure;
                }
            }
        };
        assertThatThrownBy(() -> HashedCopy.copy(new ByteArrayInputStream(random(4 * BLOCK)), full))
                .isSameAs(failure);
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("sha-256"));
    }

    @Test
    void anInterruptEndsTheCopy() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() ->
                        HashedCopy.copy(new ByteArrayInputStream(random(40 * BLOCK)), OutputStream.nullOutputStream()))
                .isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
