package dev.moco.training.prepare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Speed of a source.
 *
 * @param latency seconds of a small read
 * @param bytesPerSecond of {@link TarReader#STREAM_READS} large reads at a time
 */
record SourceSpeed(double latency, double bytesPerSecond) {
    private static final int SMALL_READS = 3;
    /** Part of a file that is read to measure. */
    private static final int PART = 16;

    /** Measures on a large file, of which a sixteenth is read and at most 64 MiB. */
    static SourceSpeed measure(RawFiles files, String path, long size, ExecutorService reads) throws IOException {
        double latency = Double.MAX_VALUE;
        for (int i = 1; i <= SMALL_READS; i++) {
            long start = System.nanoTime();
            // At other places each time, since a disk has the last one in memory.
            files.range(path, size / (SMALL_READS + 1) * i, TarReader.HEADER_READ);
            latency = Math.min(latency, (System.nanoTime() - start) / 1e9);
        }
        int length = (int) Math.min(TarReader.STREAM_READ, size / (PART * TarReader.STREAM_READS));
        long start = System.nanoTime();
        List<Future<byte[]>> windows = new ArrayList<>();
        for (int i = 0; i < TarReader.STREAM_READS; i++) {
            long offset = (long) i * length;
            windows.add(reads.submit(() -> files.range(path, offset, length)));
        }
        long bytes = 0;
        for (Future<byte[]> window : windows) {
            bytes += SourceReads.result(window).length;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new SourceSpeed(latency, bytes / Math.max(1e-6, seconds - latency));
    }

    /**
     * Returns whether reading everything takes less time than a read for each member's header.
     *
     * @param bytesPerMember from one header to the next
     * @param walks archives whose headers are read at the same time
     */
    boolean streamIsFaster(double bytesPerMember, int walks) {
        return bytesPerMember / bytesPerSecond < latency / walks;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "latencyMs=%.2f megabytesPerSecond=%.0f", latency * 1e3, bytesPerSecond / 1e6);
    }
}
