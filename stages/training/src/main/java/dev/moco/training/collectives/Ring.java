package dev.moco.training.collectives;

import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Two connections: from the process before this one, and to the one after it. They leave loopback only between nodes. */
final class Ring implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ring.class);
    /** Longest wait for a neighbor that connects or accepts; it listens before anyone knows of its port. */
    private static final Duration JOINING = Duration.ofMinutes(2);
    /** Seconds of silence after which the system asks whether the machine at the other end is still there. */
    private static final int PROBE_AFTER = 30;

    private static final int BETWEEN_PROBES = 10;
    private static final int PROBES = 6;

    private final World world;
    private final SocketChannel before;
    private final SocketChannel after;

    private Ring(World world, SocketChannel before, SocketChannel after) {
        this.world = world;
        this.before = before;
        this.after = after;
    }

    /**
     * Address on which a process listens: that of its pod where the process before it is on another node, else loopback.
     */
    static InetAddress ownAddress(World world, Node node) {
        return world.nodes() > 1 && world.indexHere() == 0
                ? Node.address(node.address())
                : InetAddress.getLoopbackAddress();
    }

    /** A port on which the process before this one will connect. */
    static ServerSocketChannel listen(InetAddress address) {
        try {
            return ServerSocketChannel.open().bind(new InetSocketAddress(address, 0));
        } catch (IOException e) {
            throw StageFailure.fault("cannot listen on " + address.getHostAddress() + ": " + e.getMessage(), e);
        }
    }

    static int port(ServerSocketChannel listening) {
        return listening.socket().getLocalPort();
    }

    /**
     * Connects to the next process and waits for the one before; both ends prove that they have the secret.
     *
     * @param listening port on which the process before will connect; closed with this
     * @param after where the next process listens
     */
    static Ring connect(World world, Credential credential, ServerSocketChannel listening, InetSocketAddress after) {
        return connect(world, credential, listening, after, JOINING);
    }

    static Ring connect(
            World world,
            Credential credential,
            ServerSocketChannel listening,
            InetSocketAddress after,
            Duration joining) {
        // Both at once, or each process would wait for all before it.
        try (Admission admission = new Admission(world, credential, listening, joining)) {
            SocketChannel next = connected(world, credential, after, joining);
            try {
                return new Ring(world, ready(admission.await(joining)), next);
            } catch (IOException e) {
                next.close();
                throw e;
            }
        } catch (IOException e) {
            throw PeerLostException.apart(name(world) + " cannot connect to the others: " + e.getMessage(), e);
        }
    }

    private static SocketChannel connected(
            World world, Credential credential, InetSocketAddress after, Duration joining) throws IOException {
        SocketChannel next = SocketChannel.open();
        try {
            int millis = Math.toIntExact(joining.toMillis());
            next.socket().connect(after, millis);
            next.socket().setSoTimeout(millis);
            credential.connect(next.socket(), world.index());
            return ready(next);
        } catch (IOException e) {
            next.close();
            throw e;
        }
    }

    /** A machine that is gone without a word is noticed by the system's probes. */
    private static SocketChannel ready(SocketChannel channel) throws IOException {
        channel.socket().setSoTimeout(0);
        return channel.setOption(StandardSocketOptions.TCP_NODELAY, true)
                .setOption(StandardSocketOptions.SO_KEEPALIVE, true)
                .setOption(ExtendedSocketOptions.TCP_KEEPIDLE, PROBE_AFTER)
                .setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, BETWEEN_PROBES)
                .setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, PROBES);
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
