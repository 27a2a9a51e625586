package dev.moco.contract;

import java.util.Optional;

/**
 * Estimate of the local disk that a stage fills at once, MiB.
 *
 * @param scratchMib checkpoints, logs, results and shards that are being written
 * @param cacheMib copies of its inputs. A stage reads remotely what has no room, so this part is wished, not needed
 * @param storeMib objects that it stores, where the store is on the same disk
 */
public record DiskNeed(long scratchMib, long cacheMib, long storeMib) {
    private static final long MIB = 1L << 20;

    /** Bound of the temporary files of a stage that trains: a checkpoint, results and logs. */
    public static final long SCRATCH_MIB = 4096;

    /** Most bytes of tar headers, padding and index of an image. */
    private static final long IMAGE_OVERHEAD = 2048;

    /**
     * The need of a stage that reads prepared images.
     *
     * @param images its images; empty if they are not prepared yet
     */
    public static DiskNeed ofTraining(Optional<StageResult.Prepared> images) {
        return new DiskNeed(SCRATCH_MIB, images.map(DiskNeed::cached).orElse(0L), 0);
    }

    /** Shards, whose bytes are counted with their padding, and the indices. */
    private static long cached(StageResult.Prepared images) {
        long all = images.trainImages() + images.validationImages();
        return mib(images.bytes() + all * IMAGE_OVERHEAD / 2);
    }

    /** Upper bound of the bytes of shards and indices of raw images. */
    public static long shardBytes(long imageBytes, long images) {
        return imageBytes + images * IMAGE_OVERHEAD;
    }

    /**
     * The need of the stage that writes shards.
     *
     * @param scratchBytes shards on the scratch disk at the same time
     * @param shardBytes all shards
     * @param storeHere true if the store is on the same disk, as the embedded one is
     */
    public static DiskNeed ofPrepare(long scratchBytes, long shardBytes, boolean storeHere) {
        return new DiskNeed(mib(scratchBytes), 0, storeHere ? mib(shardBytes) : 0);
    }

    private static long mib(long bytes) {
        return (bytes + MIB - 1) / MIB;
    }

    /** Disk that a stage cannot do without. */
    public long leastMib() {
        return scratchMib + storeMib;
    }

    /** All that it holds at once. */
    public long mib() {
        return scratchMib + cacheMib + storeMib;
    }
}
