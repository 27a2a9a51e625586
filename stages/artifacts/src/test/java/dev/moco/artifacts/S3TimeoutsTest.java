package dev.moco.artifacts;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Requests to a server that sends something now and then, and never ends. */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class S3TimeoutsTest {
    private static final Duration BRIEF = Duration.ofMillis(500);
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final S3Timeouts LIMITS =
            new S3Timeouts(LONG, LONG, BRIEF, Duration.ofSeconds(1), Duration.ofSeconds(2));
    /** The limit of the body alone: a stream that opens late must not fail before it is read. */
    private static final S3Timeouts BODY = new S3Timeouts(LONG, LONG, BRIEF, LONG, LONG);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private volatile String head = "";
    private volatile String repeated = "x";
    private volatile int pauseMillis = 20;
    private ServerSocket socket;
    private S3ObjectStore store;

    @BeforeEach
    void start() throws IOException {
        socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
        store = open(LIMITS);
    }

    private S3ObjectStore open(S3Timeouts limits) {
        return S3ObjectStore.open(
                new StoreLocation("bucket", "", "http://127.0.0.1:" + socket.getLocalPort(), null, true, true),
                Optional.of(StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret"))),
                limits);
    }

    @AfterEach
    void stop() throws IOException {
        socket.close();
        threads.shutdownNow();
        store.close();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                threads.execute(() -> serve(connection));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            OutputStream out = connection.getOutputStream();
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            while (!Thread.currentThread().isInterrupted()) {
                out.write(repeated.getBytes(StandardCharsets.US_ASCII));
                out.flush();
                TimeUnit.MILLISECONDS.sleep(pauseMillis);
            }
        } catch (IOException e) {
            // the client has given up
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest(name = "{0} of {1}")
    @CsvSource({
        "a head, ''",
        "an object, HTTP/1.1 200 OK",
        "an error, HTTP/1.1 400 Bad Request",
        "a refusal, HTTP/1.1 403 Forbidden",
        "a fault, HTTP/1.1 500 Internal Server Error"
    })
    void aResponseThatNeverEndsFails(String what, String status) {
        head = status.isEmpty() ? "HTTP/1.1 200 OK\r\nx-amz-meta-a: " : status + "\r\nContent-Length: 1000000\r\n\r\n";
        fails(() -> store.get("manifest.json"));
        fails(() -> store.range("manifest.json", 0, 100));
        fails(() -> store.list("", object -> {}));
        if (!what.equals("an object")) { // the body of a successful write is not read
            fails(() -> store.put("report.md", new byte[] {1}));
            fails(() -> store.putIfAbsent("manifest.json", new byte[] {1}));
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"Content-Length: 1000000", "Transfer-Encoding: chunked"})
    void aStreamThatNeverEndsFails(String length) {
        head = "HTTP/1.1 200 OK\r\n" + length + "\r\n\r\n";
        repeated = length.startsWith("C") ? "x" : "1\r\nx\r\n";
        assertThatThrownBy(() -> {
                    try (S3ObjectStore patient = open(BODY);
                            InputStream stream = patient.open("history.jsonl")) {
                        stream.readAllBytes();
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessage("the server's answer takes longer than 500 ms");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "many bytes, 'k', 65536",
        "many elements, <a/>, 4096",
        "a deep element, <a>, 4096",
        "many attributes, a='', 4096",
    })
    void aListingThatIsTooLargeFails(String what, String piece, int times) {
        String start = what.equals("many attributes") ? "<ListBucketResult " : "<ListBucketResult>";
        head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(start.length()) + "\r\n"
                + start + "\r\n";
        String chunk = piece.repeat(times);
        repeated = Integer.toHexString(chunk.length()) + "\r\n" + chunk + "\r\n";
        pauseMillis = 0;
        fails(() -> store.list("", object -> {}));
    }

    private static void fails(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(StageFailure.class);
    }
}
