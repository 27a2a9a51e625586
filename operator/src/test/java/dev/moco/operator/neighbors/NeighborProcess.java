package dev.moco.operator.neighbors;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A server of another project on loopback, ended with the test. */
final class NeighborProcess implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Process process;
    private final Path log;

    /** Starts a server whose output goes to a file. */
    NeighborProcess(ProcessBuilder builder, Path log) throws IOException {
        this.log = log;
        process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "end of a neighbor"));
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Waits until a path of a port of loopback answers with 200. */
    void awaitReady(int port, String path) {
        await().atMost(PATIENCE).until(() -> {
            checkAlive();
            try {
                return connection(port, path).getResponseCode() == HttpURLConnection.HTTP_OK;
            } catch (ConnectException e) {
                return false; // not yet
            }
        });
    }

    static HttpURLConnection connection(int port, String path) throws IOException {
        return (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
    }

    /** Fails with the log if the server has ended. */
    void checkAlive() throws IOException {
        if (!process.isAlive()) {
            throw new AssertionError("ended with exit code " + process.exitValue() + ":\n" + Files.readString(log));
        }
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
