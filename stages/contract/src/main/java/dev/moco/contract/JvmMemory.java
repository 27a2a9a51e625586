package dev.moco.contract;

import java.util.List;

/**
 * Limits of a stage's Java heap and direct memory, MiB, which follow from its threads and batches. Tensors are in neither.
 * They are limits, not what a stage takes: that is {@link MemoryNeed}.
 *
 * @param heapMib Java heap: the index of the data set, samples that are read ahead, and images while they are decoded
 * @param directMib direct memory: batches of views, and the buffers of files and decoders
 */
public record JvmMemory(int heapMib, int directMib) {
    private static final long MIB = 1L << 20;

    /** Heap of a stage besides its images: 150 MiB are the index of ImageNet, 64 are samples that are read ahead. */
    public static final int BASE_HEAP_MIB = 384;

    /** With a heap of this size, an image of Pillow's limit (179 million pixels) can be decoded. */
    private static final int LEAST_HEAP_MIB = 1024;

    private static final int FIXED_HEAP_MIB = 640;
    private static final int THREAD_HEAP_MIB = 32;

    private static final int FIXED_DIRECT_MIB = 128;
    private static final int THREAD_DIRECT_MIB = 16;

    /** Buffers of views: those in use, and as many that the collector has yet to free when a stream was closed early. */
    private static final int BUFFERS = 2;

    /** Limits of a process whose batches are not known, such as a bench. */
    public static JvmMemory of(int threads) {
        return new JvmMemory(heapMib(threads), heapMib(threads));
    }

    /** Limits of a stage. */
    public static JvmMemory of(StageConfig config, int threads) {
        long heap = heapMib(threads) + config.imageMemory() / MIB;
        long direct = FIXED_DIRECT_MIB + (long) threads * THREAD_DIRECT_MIB + BUFFERS * config.batchMemory() / MIB;
        return new JvmMemory(Math.toIntExact(heap), Math.toIntExact(direct));
    }

    private static int heapMib(int threads) {
        return Math.max(LEAST_HEAP_MIB, FIXED_HEAP_MIB + threads * THREAD_HEAP_MIB);
    }

    /** Flags of the virtual machine. */
    public List<String> flags() {
        return List.of("-Xmx" + heapMib + "m", "-XX:MaxDirectMemorySize=" + directMib + "m");
    }
}
