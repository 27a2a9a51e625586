package dev.moco.training.data.loader;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Direct buffers of one size, used again and again: pages of a new one are slow to touch first. */
final class ByteBuffers {
    private final int bytes;
    private final ConcurrentLinkedQueue<ByteBuffer> free = new ConcurrentLinkedQueue<>();

    ByteBuffers(int bytes) {
        this.bytes = bytes;
    }

    ByteBuffer take() {
        ByteBuffer buffer = free.poll();
        return buffer == null ? ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder()) : buffer.clear();
    }

    void giveBack(ByteBuffer buffer) {
        free.add(buffer);
    }
}
