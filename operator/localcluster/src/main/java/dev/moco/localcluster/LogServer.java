package dev.moco.localcluster;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/** Serves the logs of containers to the API server alone, over TLS on loopback, for {@code kubectl logs}. */
final class LogServer implements AutoCloseable {
    private static final String PATH = "/containerLogs/";
    private static final long POLL_MILLIS = 200;
    private static final int BLOCK = 64 << 10;

    private final HttpsServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "logs");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean closed;

    /** Finds logs. */
    interface Logs {
        Optional<ContainerLog> log(String namespace, String pod, String container, boolean previous);
    }

    /**
     * Starts a server.
     *
     * @param certificates folder with the node's key and certificate, and the authority of the API server's certificate
     */
    LogServer(ClusterFolder certificates, Logs logs) throws IOException {
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls(certificates)) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters tls = getSSLContext().getDefaultSSLParameters();
                tls.setNeedClientAuth(true);
                parameters.setSSLParameters(tls);
            }
        });
        server.setExecutor(threads);
        server.createContext(PATH, exchange -> serve(exchange, logs));
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void serve(HttpExchange exchange, Logs logs) throws IOException {
        try (exchange) {
            String[] path =
                    exchange.getRequestURI().getPath().substring(PATH.length()).split("/", -1);
            Map<String, String> query = query(exchange.getRequestURI().getQuery());
            Optional<ContainerLog> found = path.length == 3
                    ? logs.log(path[0], path[1], path[2], "true".equals(query.get("previous")))
                    : Optional.empty();
            if (found.isEmpty()) {
                byte[] message =
                        "the container has no such log; it may be waiting to start".getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(400, message.length);
                exchange.getResponseBody().write(message);
                return;
            }
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(200, 0);
            copy(found.get(), query, exchange.getResponseBody());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, String> query(String query) {
        Map<String, String> values = new HashMap<>();
        for (String pair : (query == null ? "" : query).split("&", -1)) {
            String[] sides = pair.split("=", 2);
            values.put(sides[0], sides.length == 2 ? sides[1] : "");
        }
        return values;
    }

    private void copy(ContainerLog log, Map<String, String> query, OutputStream out)
            throws IOException, InterruptedException {
        boolean follow = "true".equals(query.get("follow"));
        long left = Long.parseLong(query.getOrDefault("limitBytes", Long.toString(Long.MAX_VALUE)));
        byte[] block = new byte[BLOCK];
        try (RandomAccessFile file = new RandomAccessFile(log.file().toFile(), "r")) {
            if (query.containsKey("tailLines")) {
                file.seek(tail(file, Long.parseLong(query.get("tailLines"))));
            }
            while (left > 0 && !closed) {
                // Queried before reading, so that output written just before the end is still read.
                boolean open = follow && log.open().getAsBoolean();
                int read = file.read(block, 0, (int) Math.min(block.length, left));
                if (read > 0) {
                    out.write(block, 0, read);
                    out.flush();
                    left -= read;
                } else if (open) {
                    Thread.sleep(POLL_MILLIS);
                } else {
                    return;
                }
            }
        }
    }

    /** Position at which the last lines begin. */
    private static long tail(RandomAccessFile file, long lines) throws IOException {
        long position = file.length();
        long breaks = 0;
        byte[] block = new byte[BLOCK];
        while (position > 0) {
            int size = (int) Math.min(block.length, position);
            file.seek(position - size);
            file.readFully(block, 0, size);
            for (int i = size - 1; i >= 0; i--) {
                // The line break at the end of the file does not begin a line.
                boolean last = position - size + i == file.length() - 1;
                if (block[i] == '\n' && !last && ++breaks == lines) {
                    return position - size + i + 1;
                }
            }
            position -= size;
        }
        return lines == 0 ? file.length() : 0;
    }

    private static SSLContext tls(ClusterFolder certificates) throws IOException {
        try {
            KeyStore own = KeyStore.getInstance(KeyStore.getDefaultType());
            own.load(null, null);
            own.setKeyEntry("node", key(certificates.key("node")), new char[0], new Certificate[] {
                certificate(certificates.certificate("node"))
            });
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry("ca", certificate(certificates.certificate("ca")));
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, new char[0]);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot read the certificates in " + certificates.root(), e);
        }
    }

    private static Certificate certificate(Path file) throws IOException, GeneralSecurityException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file)));
    }

    private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
        String[] lines = Files.readString(file).strip().split("\n", -1);
        String encoded = String.join("", Arrays.copyOfRange(lines, 1, lines.length - 1));
        return KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(encoded)));
    }

    @Override
    public void close() {
        closed = true;
        server.stop(0);
        threads.shutdownNow();
    }
}
