package dev.moco.artifacts;

import dev.moco.contract.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Copies a stream and hashes it in passing. A thread of its own hashes what is larger than a block: SHA-256 takes as
 * long as reading and writing together, and would else take turns with them.
 */
final class HashedCopy {
    /** By the 8 KiB of {@link InputStream#transferTo}, reading and writing take half as long again. */
    static final int BLOCK_BYTES = 256 << 10;

    /** Lets either thread be off its core for a scheduler's slice without the other waiting. */
    private static final int BLOCKS = 16;

    private final InputStream in;
    private final OutputStream out;
    private final MessageDigest digest = Sha256.digest();

    private HashedCopy(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    /** Copies to the stream's end; the SHA-256 of the bytes copied. */
    static String copy(InputStream in, OutputStream out) throws IOException {
        return new HashedCopy(in, out).run();
    }

    private String run() throws IOException {
        byte[] first = in.readNBytes(BLOCK_BYTES);
        digest.update(first);
        out.write(first);
        if (first.length == BLOCK_BYTES) {
            overlap();
        }
        return Sha256.hex(digest.digest());
    }

    private void overlap() throws IOException {
        ExecutorService hasher = Executors.newSingleThreadExecutor(HashedCopy::thread);
        try {
            Queue<Block> hashing = new ArrayDeque<>();
            int length = BLOCK_BYTES;
            while (length == BLOCK_BYTES) {
                Block block = hashing.size() < BLOCKS ? new Block() : await(hashing.remove());
                length = in.readNBytes(block.bytes, 0, BLOCK_BYTES);
                block.hash(hasher, length);
                hashing.add(block);
                out.write(block.bytes, 0, length);
            }
            for (Block block : hashing) {
                await(block);
            }
        } finally {
            hasher.shutdownNow();
        }
    }

    /** Bytes that are not filled again before they are hashed. */
    private final class Block {
        private final byte[] bytes = new byte[BLOCK_BYTES];
        private Future<?> hashed = CompletableFuture.completedFuture(null);

        void hash(ExecutorService hasher, int length) {
            hashed = hasher.submit(() -> digest.update(bytes, 0, length));
        }
    }

    private static Block await(Block block) throws IOException {
        try {
            block.hashed.get();
            return block;
        } catch (ExecutionException e) {
            throw new AssertionError("hashing bytes in memory cannot fail", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while hashing");
        }
    }

    private static Thread thread(Runnable hashing) {
        Thread thread = new Thread(hashing, "sha-256");
        thread.setDaemon(true);
        return thread;
    }
}
