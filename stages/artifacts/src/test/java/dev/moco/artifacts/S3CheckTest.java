package dev.moco.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Finds what a store cannot do before anything else is asked of it. */
class S3CheckTest {
    private PartialStore server;

    @BeforeEach
    void start() throws IOException {
        server = new PartialStore();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private S3ObjectStore open(boolean checksums) {
        return S3ObjectStore.open(
                server.location(checksums),
                StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")));
    }

    @Test
    void aStoreThatDoesEverythingPasses(@TempDir Path folder) throws IOException {
        try (S3ObjectStore store = open(true)) {
            store.check();
            assertThat(server.objects).isEmpty();
        }
        try (EmbeddedS3 embedded = EmbeddedS3.start(folder);
                S3ObjectStore store = S3ObjectStore.open(embedded.location(), embedded.credentials())) {
            store.check();
            store.list("", object -> assertThat(object).isNull());
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({"403, SignatureDoesNotMatch", "501, NotImplemented", "400, XAmzContentSHA256Mismatch"})
    void checksumsThatAreRefusedAreNamed(int status, String code) {
        server.refuse(PartialStore::hasChecksum, status, code, "Access denied.");
        try (S3ObjectStore store = open(true)) {
            refused(
                    store::check,
                    " refuses the SDK's checksums (" + code + ": Access denied.); set spec.storage.checksums: false");
        }
        try (S3ObjectStore store = open(false)) {
            store.check();
        }
    }

    @Test
    void conditionalWritesAreNeeded() {
        server.refuse(
                request -> request.getRequestHeaders().containsKey("If-None-Match"), 501, "NotImplemented", "A header");
        String message = " does not write an object only where there is none (If-None-Match: *; ";
        try (S3ObjectStore store = open(true)) {
            refused(store::check, message + "NotImplemented: A header), by which stages commit");
        }
        server.refuse(request -> false, 0, "", "");
        server.ignoresConditions = true;
        try (S3ObjectStore store = open(true)) {
            refused(store::check, message + "it replaced an object), by which stages commit");
        }
    }

    @Test
    void aConditionalWriteWhoseAnswerIsLostIsNoFault() {
        server.losesAnswer = true;
        try (S3ObjectStore store = open(true)) {
            store.check();
        }
        assertThat(server.losesAnswer).isFalse();
    }

    @Test
    void rangesAndPartsAreNeeded() {
        server.ignoresRanges = true;
        try (S3ObjectStore store = open(true)) {
            refused(store::check, " does not answer for a range of an object: it sent 4 bytes for 2");
        }
        server.ignoresRanges = false;
        server.refuse(request -> request.getRequestMethod().equals("POST"), 403, "AccessDenied", "No multipart.");
        try (S3ObjectStore store = open(true)) {
            refused(store::check, ": the credentials may not do what stages ask of it: write, read and delete");
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | ExpiredToken | the credentials have expired or are not valid (ExpiredToken: m); set new ones",
                "400 | InvalidToken | the credentials have expired or are not valid (InvalidToken: m); set new ones",
                "400 | AuthorizationHeaderMalformed | the bucket is not in region null (AuthorizationHeaderMalformed: m)",
                "403 | RequestTimeTooSkewed | the clock of this machine differs from the server's (RequestTimeTooSkewed: m)",
            })
    void theFirstRequestGivesTheReason(int status, String code, String message) {
        server.refuse(request -> true, status, code, "m");
        try (S3ObjectStore store = open(true)) {
            refused(() -> store.size("v1/a"), ": " + message);
            refused(() -> store.get("v1/a"), ": " + message);
            refused(store::check, ": " + message);
        }
    }

    @Test
    void aRefusalOfHeadRequestsAloneIsReported() {
        Predicate<HttpExchange> head = request -> request.getRequestMethod().equals("HEAD");
        server.refuse(head, 403, "AccessDenied", "m");
        try (S3ObjectStore store = open(true)) {
            refused(() -> store.size("v1/a"), ": the credentials may not read the size of v1/a (status 403");
        }
    }

    private static void refused(ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(78))
                .hasMessageContaining(message);
    }
}
