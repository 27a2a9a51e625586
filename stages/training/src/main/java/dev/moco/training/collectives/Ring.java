package dev.moco.training.collectives;

import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Two connections on loopback: from the process before this one, and to the one after it. */
final class Ring implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ring.class);
    /** Longest wait for a program that connects and does not prove itself; those that do are quick. */
    private static final Duration HANDSHAKE = Duration.ofMinutes(1);

    private final World world;
    private final SocketChannel before;
    private final SocketChannel after;

    private Ring(World world, SocketChannel before, SocketChannel after) {
        this.world = world;
        this.before = before;
        this.after = after;
    }

    /** A port on which the process before this one will connect. */
    static ServerSocketChannel listen() {
        try {
            return ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw StageFailure.fault("cannot listen on loopback: " + e.getMessage(), e);
        }
    }

    static int port(ServerSocketChannel listening) {
        return listening.socket().getLocalPort();
    }

    /**
     * Connects to the next process and waits for the one before; both ends prove that they have the secret.
     *
     * @param portAfter port on which the next process listens
     */
    static Ring connect(World world, Credential credential, ServerSocketChannel listening, int portAfter) {
        // Both at once, or each process would wait for all before it.
        CompletableFuture<SocketChannel> connecting =
                CompletableFuture.supplyAsync(() -> connected(world, credential, portAfter));
        try {
            SocketChannel before = accept(world, credential, listening);
            return new Ring(world, before, connecting.join());
        } catch (IOException | CompletionException e) {
            throw new PeerLostException(name(world) + " cannot connect to the others: " + e.getMessage(), e);
        }
    }

    private static SocketChannel connected(World world, Credential credential, int port) {
        try {
            SocketChannel after = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            credential.connect(after.socket(), world.index());
            return ready(after);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SocketChannel accept(World world, Credential credential, ServerSocketChannel listening)
            throws IOException {
        int expected = (world.index() + world.size() - 1) % world.size();
        while (true) {
            SocketChannel accepted = listening.accept();
            try {
                accepted.socket().setSoTimeout(Math.toIntExact(HANDSHAKE.toMillis()));
                int index = credential.accept(accepted.socket());
                if (index == expected) {
                    return ready(accepted);
                }
                LOG.warn("{} refused a connection of process {}, expected {}", name(world), index, expected);
            } catch (IOException e) {
                LOG.warn("{} refused a connection: {}", name(world), e.getMessage());
            }
            accepted.close();
        }
    }

    private static SocketChannel ready(SocketChannel channel) throws IOException {
        channel.socket().setSoTimeout(0);
        return channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    static String name(World world) {
        return "process " + world.index() + " of " + world.size();
    }

    /** Sends all bytes from position to limit to the next process. */
    void send(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                after.write(bytes);
            }
        } catch (IOException e) {
            throw lost((world.index() + 1) % world.size(), e.getMessage(), e);
        }
    }

    /** Receives bytes from position to limit from the process before. */
    void receive(ByteBuffer bytes) {
        int from = (world.index() + world.size() - 1) % world.size();
        try {
            while (bytes.hasRemaining()) {
                if (before.read(bytes) < 0) {
                    throw lost(from, "it closed its connection", null);
                }
            }
        } catch (IOException e) {
            throw lost(from, e.getMessage(), e);
        }
    }

    private PeerLostException lost(int index, @Nullable String reason, @Nullable Throwable cause) {
        return new PeerLostException(name(world) + " lost process " + index + ": " + reason, cause);
    }

    @Override
    public void close() {
        try (before;
                after) {
            LOG.debug("{} leaves", name(world));
        } catch (IOException e) {
            LOG.debug("closing a connection", e);
        }
    }
}
