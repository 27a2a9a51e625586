package dev.moco.training.data.decode;

import dev.moco.contract.JvmMemory;
import java.util.concurrent.Semaphore;

/**
 * Bounds the heap of images that are decoded at the same time: a photo of 8 megapixels takes 24 MB, and each of many
 * threads may come upon one. An image that is larger than the bound waits until it is alone. Threads are served in the
 * order in which they came. Thread-safe.
 */
public final class DecodeMemory {
    /** The memory of this process. */
    public static final DecodeMemory OF_PROCESS = ofHeap(Runtime.getRuntime().maxMemory());

    private static final int UNIT = 1 << 10;

    private final long largest;
    private final int units;
    private final Semaphore free;

    private DecodeMemory(long largest) {
        this.largest = largest;
        this.units = (int) Math.min(Integer.MAX_VALUE, Math.max(1, largest / 2 / UNIT));
        this.free = new Semaphore(units, true);
    }

    /** Memory for images within a heap of so many bytes: what is left beside the stage's other objects. */
    static DecodeMemory ofHeap(long bytes) {
        return new DecodeMemory(Math.max(bytes / 4, bytes - ((long) JvmMemory.BASE_HEAP_MIB << 20)));
    }

    /** Refuses an image whose decoding would take more than the heap has room for. */
    void require(long heapBytes) throws BadImageException {
        if (heapBytes > largest) {
            throw new BadImageException("decoding it takes " + (heapBytes >> 20) + " MiB, the Java heap has room for "
                    + (largest >> 20) + " MiB");
        }
    }

    /** Most bytes of images that are decoded at the same time. */
    public long bytes() {
        return (long) units * UNIT;
    }

    /** Decodes an image, and makes something of it. */
    @FunctionalInterface
    public interface Work<T> {
        T run() throws BadImageException;
    }

    /** Runs work once so many bytes are free, which it then has. It must not ask for more. */
    public <T> T within(long heapBytes, Work<T> work) throws BadImageException {
        int taken = (int) Math.min(units, (heapBytes + UNIT - 1) / UNIT);
        free.acquireUninterruptibly(taken);
        try {
            return work.run();
        } finally {
            free.release(taken);
        }
    }
}
