package dev.moco.operator.http;

import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Pings a web socket, and tells its listener of an error when the server is silent; the listener learns of one end. */
final class PingedListener implements WebSocket.Listener {
    private final WebSocket.Listener listener;
    private final Duration silence;
    private final Executor later;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final LongSupplier nanoTime;
    private volatile long heard;

    PingedListener(WebSocket.Listener listener, Duration interval, Duration silence, LongSupplier nanoTime) {
        this.listener = listener;
        this.silence = silence;
        this.nanoTime = nanoTime;
        this.later = CompletableFuture.delayedExecutor(interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void ping(WebSocket socket) {
        if (ended.get()) {
            return;
        }
        if (nanoTime.getAsLong() - heard > silence.toNanos()) {
            socket.abort();
            onError(socket, new IOException("no message and no answer to a ping for " + silence));
            return;
        }
        // A ping that cannot be sent, as while the socket is closing, gets no answer either.
        CompletableFuture<WebSocket> unused = socket.sendPing(ByteBuffer.allocate(0));
        later.execute(() -> ping(socket));
    }

    private void heard() {
        heard = nanoTime.getAsLong();
    }

    /** Time of the last message or answer. */
    long lastHeard() {
        return heard;
    }

    @Override
    public void onOpen(WebSocket socket) {
        heard();
        later.execute(() -> ping(socket));
        listener.onOpen(socket);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        heard();
        return listener.onText(socket, data, last);
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
        heard();
        return listener.onBinary(socket, data, last);
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
        heard();
        return listener.onPing(socket, message);
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
        heard();
        // The listener did not ask for it.
        socket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        return ended.compareAndSet(false, true) ? listener.onClose(socket, code, reason) : null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
        if (ended.compareAndSet(false, true)) {
            listener.onError(socket, error);
        }
    }
}
