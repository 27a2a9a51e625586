package dev.moco.fullsize;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A network with a delay before each answer, and a bandwidth that all requests share, in each direction. */
final class Network {
    private static final int PIECE = 1 << 16;

    private final Duration delay;
    private final Direction down;
    private final Direction up;

    /** @param bytesPerSecond 0 for no limit */
    Network(Duration delay, long bytesPerSecond) {
        this.delay = delay;
        down = new Direction(bytesPerSecond);
        up = new Direction(bytesPerSecond);
    }

    /** Waits as long as an answer is on its way. */
    void delay() throws InterruptedIOException {
        sleep(delay.toNanos());
    }

    private static void sleep(long nanos) throws InterruptedIOException {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the server is stopped");
        }
    }

    private static final class Direction {
        private final double nanosPerByte;
        private long free = System.nanoTime();

        Direction(long bytesPerSecond) {
            nanosPerByte = bytesPerSecond == 0 ? 0 : 1e9 / bytesPerSecond;
        }

        /** Waits until the bytes before these have passed. */
        void pass(int bytes) throws InterruptedIOException {
            if (nanosPerByte > 0) {
                long wait = reserve(bytes);
                // Shorter waits would take longer than asked for.
                if (wait > 1_000_000) {
                    sleep(wait);
                }
            }
        }

        private synchronized long reserve(int bytes) {
            long now = System.nanoTime();
            free = Math.max(free, now) + (long) (bytes * nanosPerByte);
            return free - now;
        }
    }

    OutputStream down(OutputStream out) {
        return new FilterOutputStream(out) {
            @Override
            public void write(byte[] bytes, int from, int count) throws IOException {
                for (int done = 0; done < count; done += PIECE) {
                    int piece = Math.min(PIECE, count - done);
                    down.pass(piece);
                    out.write(bytes, from + done, piece);
                }
            }
        };
    }

    InputStream up(InputStream in) {
        return new FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int from, int count) throws IOException {
                int read = in.read(bytes, from, count);
                up.pass(Math.max(0, read));
                return read;
            }
        };
    }
}
