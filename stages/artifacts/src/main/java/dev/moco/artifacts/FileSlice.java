package dev.moco.artifacts;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** Range of a file as a stream. */
final class FileSlice extends InputStream {
    private final FileChannel channel;
    private long at;
    private final long end;
    private final LongConsumer bytesRead;

    /** @param bytesRead receives the number of bytes of each read */
    FileSlice(Path file, long from, long length, LongConsumer bytesRead) {
        try {
            this.channel = FileChannel.open(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.at = from;
        this.end = from + length;
        this.bytesRead = bytesRead;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (at >= end) {
            return -1;
        }
        int count = channel.read(ByteBuffer.wrap(bytes, offset, (int) Math.min(length, end - at)), at);
        at += Math.max(count, 0);
        bytesRead.accept(Math.max(count, 0));
        return count;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
