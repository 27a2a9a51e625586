package dev.moco.training.prepare;

import java.util.Arrays;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Raw files in memory, which count the reads. */
final class MemoryFiles implements RawFiles {
    final AtomicLong reads = new AtomicLong();
    final AtomicLong bytes = new AtomicLong();
    final AtomicInteger mostAtATime = new AtomicInteger();
    private final AtomicInteger atATime = new AtomicInteger();
    private final TreeMap<String, byte[]> files = new TreeMap<>();
    private final int mostReads;

    MemoryFiles(int mostReads) {
        this.mostReads = mostReads;
    }

    Extent put(String path, byte[] content) {
        files.put(path, content);
        return new Extent(path, 0, content.length);
    }

    @Override
    public void list(Consumer<RawFile> each) {
        files.forEach((path, content) -> each.accept(new RawFile(path, content.length)));
    }

    @Override
    public int mostReads() {
        return mostReads;
    }

    @Override
    public byte[] range(String path, long offset, int length) {
        mostAtATime.accumulateAndGet(atATime.incrementAndGet(), Math::max);
        byte[] content = Objects.requireNonNull(files.get(path), path);
        int end = (int) Math.min(content.length, offset + length);
        byte[] range = Arrays.copyOfRange(content, (int) Math.min(offset, end), end);
        reads.incrementAndGet();
        bytes.addAndGet(range.length);
        atATime.decrementAndGet();
        return range;
    }
}
