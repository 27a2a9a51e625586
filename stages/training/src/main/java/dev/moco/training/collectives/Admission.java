package dev.moco.training.collectives;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits on a port until one process has connected and proven that it has the secret. Whoever else connects is refused, and
 * delays nobody: each connection has a thread of its own, and there are only so many.
 */
final class Admission implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
    /** Connections that have yet to prove themselves; for one more, the oldest is closed. */
    static final int MOST_UNPROVEN = 64;

    private final World world;
    private final Credential credential;
    private final ServerSocketChannel listening;
    private final Duration handshake;
    private final int expected;
    private final CompletableFuture<SocketChannel> proven = new CompletableFuture<>();
    private final Deque<SocketChannel> unproven = new ArrayDeque<>();
    private volatile boolean closed;

    /** Begins to wait for the process before this one. */
    Admission(World world, Credential credential, ServerSocketChannel listening, Duration handshake) {
        this.world = world;
        this.credential = credential;
        this.listening = listening;
        this.handshake = handshake;
        this.expected = (world.index() + world.size() - 1) % world.size();
        start(this::accept);
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "admission");
        thread.setDaemon(true);
        thread.start();
    }

    /** Waits for the connection of the process before this one. */
    SocketChannel await(Duration longest) throws IOException {
        try {
            return proven.get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("process " + expected + " did not connect within " + longest.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void accept() {
        while (!proven.isDone()) {
            try {
                SocketChannel accepted = listening.accept();
                add(accepted);
                start(() -> prove(accepted));
            } catch (IOException e) {
                if (!closed) {
                    proven.completeExceptionally(e);
                }
                return;
            }
        }
    }

    private synchronized void add(SocketChannel accepted) throws IOException {
        unproven.add(accepted);
        if (unproven.size() > MOST_UNPROVEN) {
            unproven.remove().close();
        }
    }

    private synchronized boolean remove(SocketChannel accepted) {
        return unproven.remove(accepted);
    }

    private void prove(SocketChannel accepted) {
        try {
            accepted.socket().setSoTimeout(Math.toIntExact(handshake.toMillis()));
            int index = credential.accept(accepted.socket());
            if (index == expected && remove(accepted) && proven.complete(accepted)) {
                return;
            }
            LOG.warn("{} refused a connection of process {}, expected {}", Ring.name(world), index, expected);
        } catch (IOException e) {
            LOG.debug("{} refused a connection: {}", Ring.name(world), e.getMessage());
        }
        refuse(accepted);
    }

    private void refuse(SocketChannel accepted) {
        remove(accepted);
        try {
            accepted.close();
        } catch (IOException e) {
            LOG.debug("closing a connection", e);
        }
    }

    /** Stops to listen. */
    @Override
    public void close() throws IOException {
        closed = true;
        listening.close();
        synchronized (this) {
            for (SocketChannel accepted : unproven) {
                accepted.close();
            }
        }
    }
}
