package dev.moco.training.data.loader;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Pool of direct buffers of one size; the first access to each page of a new buffer is slow. */
final class BufferPool {
    private final int bytes;
    private final ConcurrentLinkedQueue<ByteBuffer> free = new ConcurrentLinkedQueue<>();

    BufferPool(int bytes) {
        this.bytes = bytes;
    }

    ByteBuffer acquire() {
        ByteBuffer buffer = free.poll();
        return buffer == null ? ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder()) : buffer.clear();
    }

    void release(ByteBuffer buffer) {
        free.add(buffer);
    }
}
