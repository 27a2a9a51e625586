package dev.moco.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.Sha256;
import dev.moco.contract.StageFailure;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads over connections that may be closed before the end of a response. */
class S3DownloadTest {
    private static final int PASSED = 600_000;

    private static final byte[] LARGE = new byte[1_000_000];

    @TempDir
    static Path store;

    @TempDir
    Path folder;

    private static EmbeddedS3 server;
    private static FaultyRelay network;
    private static S3ObjectStore objects;

    @BeforeAll
    static void start() throws IOException {
        new Random(1).nextBytes(LARGE);
        server = EmbeddedS3.start(store);
        network = new FaultyRelay(server.location(), PASSED);
        objects = S3ObjectStore.open(network.location(), server.credentials());
        try (S3ObjectStore direct = S3ObjectStore.open(server.location(), server.credentials())) {
            direct.put("large", LARGE);
            direct.put("empty", new byte[0]);
        }
    }

    @AfterAll
    static void stop() throws IOException {
        objects.close();
        network.close();
        server.close();
    }

    @Test
    void aDownloadThatIsCutOffIsAFaultAndLeavesNoFile() throws IOException {
        FileEntry entry = new FileEntry("large", LARGE.length, Sha256.of(LARGE));
        Path copy = folder.resolve("cache/large");
        network.cutOff(1);
        assertThatThrownBy(() -> VerifiedFiles.download(objects, "large", entry, copy))
                .isInstanceOf(EOFException.class)
                .hasMessageStartingWith("s3://moco/ at " + network.endpoint() + "/large was cut off after ")
                .hasMessageEndingWith(" of 1000000 bytes");
        assertThat(folder.resolve("cache")).isEmptyDirectory();
        VerifiedFiles.download(objects, "large", entry, copy);
        assertThat(copy).hasBinaryContent(LARGE);
    }

    @Test
    void aStreamThatIsCutOffFails() throws IOException {
        network.cutOff(1);
        try (var in = objects.open("large")) {
            assertThatThrownBy(in::readAllBytes).isInstanceOf(EOFException.class);
        }
        try (var in = objects.open("large")) {
            assertThat(in.read()).isEqualTo(LARGE[0] & 0xff);
            in.skipNBytes(9);
            assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(LARGE, 10, LARGE.length));
        }
    }

    @Test
    void requestsThatAreCutOffAreRepeated() throws IOException {
        network.cutOff(1);
        assertThat(objects.get("large")).hasValue(LARGE);
        network.cutOff(1);
        assertThat(objects.range("large", 100_000, 800_000)).isEqualTo(Arrays.copyOfRange(LARGE, 100_000, 900_000));
        assertThat(objects.range("large", 900_000, 800_000)).isEqualTo(Arrays.copyOfRange(LARGE, 900_000, 1_000_000));
    }

    @Test
    void repeatedFailuresAreAFault() throws IOException {
        network.cutOff(100);
        assertThatThrownBy(() -> objects.get("large"))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.FAULT))
                .hasMessageContaining("cannot be reached, to read large: the response was cut off after ");
    }

    @Test
    void theSdkComputesNoChecksumOfVerifiedDownloads() throws IOException {
        network.cutOff(0);
        String before = network.requests();
        VerifiedFiles.download(
                objects, "large", new FileEntry("large", LARGE.length, Sha256.of(LARGE)), folder.resolve("large"));
        assertThat(network.requests().substring(before.length()))
                .contains("GET /moco/large")
                .doesNotContain("append-md5");
        objects.open("large").close();
        assertThat(network.requests().substring(before.length())).contains("x-amz-te: append-md5");
    }

    @Test
    void anEmptyObjectCanBeRead() throws IOException {
        network.cutOff(0);
        Path copy = folder.resolve("empty");
        VerifiedFiles.download(objects, "empty", new FileEntry("empty", 0, Sha256.of(new byte[0])), copy);
        assertThat(copy).isEmptyFile();
        assertThat(objects.get("empty")).hasValue(new byte[0]);
    }

    @Test
    void theMessageForAMissingObjectHasItsName() throws IOException {
        network.cutOff(0);
        FileEntry entry = new FileEntry("none", 1, Sha256.of(new byte[1]));
        assertThatThrownBy(() -> VerifiedFiles.download(objects, "none", entry, folder.resolve("cache/none")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage("s3://moco/ at " + network.endpoint() + "/none");
        assertThat(folder.resolve("cache")).isEmptyDirectory();
    }

    @Test
    void theHashOfALargeFileIsThatOfItsBytes() throws IOException {
        Path file = Files.write(folder.resolve("file"), LARGE);
        assertThat(VerifiedFiles.entry("file", file)).isEqualTo(new FileEntry("file", LARGE.length, Sha256.of(LARGE)));
    }
}
