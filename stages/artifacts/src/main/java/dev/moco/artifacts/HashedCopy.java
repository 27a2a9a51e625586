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
 * Copies a stream and computes the SHA-256 of its bytes. For more than one block, hashing has its own thread: SHA-256
 * takes as long as reading and writing together, so both at the same time halve the total.
 */
final class HashedCopy {
    /** With blocks of 8 KiB, as in {@link InputStream#transferTo}, reading and writing would take 1.5 times as long. */
    static final int BLOCK_BYTES = 256 << 10;

    /** Enough blocks that neither thread waits while the other one is not scheduled for a time slice. */
    private static final int BLOCKS = 16;

    private final InputStream in;
    private final OutputStream out;
    private final MessageDigest digest = Sha256.digest();

    private HashedCopy(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    /** Copies the whole stream; returns the SHA-256 of its bytes. */
    static String copy(InputStream in, OutputStream out) throws IOException {
        return new HashedCopy(in, out).run();
    }

    private String run() throws IOException {
        byte[] first = in.readNBytes(BLOCK_BYTES);
        digest.update(first);
        out.write(first);
        if (first.length == BLOCK_BYTES) {
            copyConcurrently();
        }
        return Sha256.hex(digest.digest());
    }

    private void copyConcurrently() throws IOException {
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

    /** A buffer that is reused after its bytes are hashed. */
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
