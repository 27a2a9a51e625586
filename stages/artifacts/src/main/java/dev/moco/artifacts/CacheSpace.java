package dev.moco.artifacts;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Room for copies of large files in a cache folder: what its disk has free, less a reserve for checkpoints, logs and other
 * processes, and within the limit of a pod's volume. Thread-safe.
 */
public final class CacheSpace {
    /** Part of a small disk that stays free. */
    private static final int RESERVED_PART = 10;

    private static final long MAX_RESERVE = 4L << 30;

    private final Disk disk;
    private final long limit;
    /** Bytes of the copies that this process holds. */
    private long held;
    /** Bytes of copies that are being written, which the disk may not count as yet. */
    private long promised;

    /** The disk of a folder. */
    interface Disk {
        long totalBytes() throws IOException;

        long freeBytes() throws IOException;
    }

    CacheSpace(Disk disk, OptionalLong limit) {
        this.disk = disk;
        this.limit = limit.orElse(Long.MAX_VALUE);
    }

    /**
     * The space of a folder.
     *
     * @param limit most bytes of copies; empty to bound them by the disk only
     */
    public static CacheSpace of(Path folder, OptionalLong limit) {
        return new CacheSpace(new FolderDisk(folder), limit);
    }

    /** Takes room for a file that is to be written, if there is; {@link #written} or {@link #failed} follows. */
    synchronized boolean claim(long bytes) throws IOException {
        long reserve = Math.min(MAX_RESERVE, disk.totalBytes() / RESERVED_PART);
        if (held + bytes > limit || disk.freeBytes() - promised - bytes < reserve) {
            return false;
        }
        held += bytes;
        promised += bytes;
        return true;
    }

    /** Counts a file that is there already. */
    synchronized void found(long bytes) {
        held += bytes;
    }

    synchronized void written(long bytes) {
        promised -= bytes;
    }

    synchronized void failed(long bytes) {
        promised -= bytes;
        held -= bytes;
    }

    private record FolderDisk(Path folder) implements Disk {
        @Override
        public long totalBytes() throws IOException {
            return store().getTotalSpace();
        }

        @Override
        public long freeBytes() throws IOException {
            return store().getUsableSpace();
        }

        private FileStore store() throws IOException {
            return Files.getFileStore(Files.createDirectories(folder));
        }
    }
}
