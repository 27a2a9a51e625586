package dev.moco.training.collectives;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The launcher's port on loopback: hears all processes until they end, and tells each where the next one listens. */
final class Rendezvous implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(Rendezvous.class);
    private static final int HANDSHAKE_MILLIS = 60_000;

    private final int size;
    private final Credential credential = Credential.draw();
    private final ServerSocket server;
    private final List<Signs> signs;
    /** Connections of the processes that listen to messages. */
    private final AtomicReferenceArray<Socket> sockets;
    /** Ports on which the processes listen; 0 before a process has joined. */
    private final AtomicIntegerArray ports;

    private final CountDownLatch joining;
    private volatile boolean released;
    private volatile boolean closed;

    Rendezvous(int size) throws IOException {
        this.size = size;
        this.server = new ServerSocket(0, World.MAX_SIZE, InetAddress.getLoopbackAddress());
        this.signs = new ArrayList<>(
                IntStream.range(0, size).mapToObj(index -> new Signs()).toList());
        this.sockets = new AtomicReferenceArray<>(size);
        this.ports = new AtomicIntegerArray(size);
        this.joining = new CountDownLatch(size);
        start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    String secret() {
        return credential.text();
    }

    Signs signs(int index) {
        return signs.get(index);
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "devices");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!closed) {
            try {
                Socket socket = server.accept();
                start(() -> serve(socket));
            } catch (IOException e) {
                if (!closed) {
                    LOG.warn("cannot accept a connection of a process: {}", e.getMessage());
                }
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setSoTimeout(HANDSHAKE_MILLIS);
            int index = credential.accept(socket);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            int port = in.readInt();
            if (index < 0 || index >= size || !ports.compareAndSet(index, 0, port)) {
                throw new IOException("no process " + index + " is expected");
            }
            socket.setSoTimeout(0);
            sockets.set(index, socket);
            signs.get(index).join();
            joining.countDown();
            while (true) {
                signs.get(index).hear(in.readLong());
            }
        } catch (IOException e) {
            LOG.debug("a connection ended", e);
        }
    }

    /** Waits until all processes have joined; returns the port of the first. */
    int awaitFirstPort() throws InterruptedException {
        joining.await();
        return ports.get(0);
    }

    /**
     * Tells each process where the next one listens.
     *
     * @param afterLast the one after the last of these
     */
    void release(Next afterLast) {
        String loopback = InetAddress.getLoopbackAddress().getHostAddress();
        for (int index = 0; index < size; index++) {
            Next next = index == size - 1 ? afterLast : new Next(loopback, ports.get(index + 1), afterLast.secret());
            try {
                DataOutputStream out = new DataOutputStream(sockets.get(index).getOutputStream());
                out.writeUTF(next.host());
                out.writeInt(next.port());
                out.writeUTF(next.secret());
                out.flush();
            } catch (IOException e) {
                LOG.debug("device {} hears no more", index, e);
            }
        }
        released = true;
    }

    /** Returns whether each process knows where the next one listens. */
    boolean released() {
        return released;
    }

    /** Sends a message of one byte to all processes that can hear it: those that have been released. */
    void sendToAll(int message) {
        for (int index = 0; released && index < size; index++) {
            Socket socket = sockets.get(index);
            if (socket != null) {
                try {
                    socket.getOutputStream().write(message);
                } catch (IOException e) {
                    LOG.debug("device {} hears no more", index, e);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        server.close();
    }
}
