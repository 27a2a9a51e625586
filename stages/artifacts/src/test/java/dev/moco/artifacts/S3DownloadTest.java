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

/** Reads over a network that may end a connection before its answer: that alters no object. */
class S3DownloadTest {
    private static final int PASSED = 600_000;

    private static final byte[] LARGE = new byte[1_000_000];

    @TempDir
    static Path store;

    @TempDir
    Path folder;

    private static EmbeddedS3 server;
    private static TearingRelay network;
    private static S3ObjectStore objects;

    @BeforeAll
    static void start() throws IOException {
        new Random(1).nextBytes(LARGE);
        server = EmbeddedS3.start(store);
        network = new TearingRelay(server.location(), PASSED);
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
    void aTornFileIsAFaultAndLeavesNothing() throws IOException {
        FileEntry entry = new FileEntry("large", LARGE.length, Sha256.of(LARGE));
        Path copy = folder.resolve("cache/large");
        network.tear(1);
        assertThatThrownBy(() -> Verified.download(objects, "large", entry, copy))
                .isInstanceOf(EOFException.class)
                .hasMessageStartingWith("s3://moco/ at " + network.endpoint() + "/large was cut off after ")
                .hasMessageEndingWith(" of 1000000 bytes");
        assertThat(folder.resolve("cache")).isEmptyDirectory();
        Verified.download(objects, "large", entry, copy);
        assertThat(copy).hasBinaryContent(LARGE);
    }

    @Test
    void aTornStreamIsNotTakenForAShortOne() throws IOException {
        network.tear(1);
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
    void whatIsReadAtOnceIsReadAgain() throws IOException {
        network.tear(1);
        assertThat(objects.get("large")).hasValue(LARGE);
        network.tear(1);
        assertThat(objects.range("large", 100_000, 800_000)).isEqualTo(Arrays.copyOfRange(LARGE, 100_000, 900_000));
        assertThat(objects.range("large", 900_000, 800_000)).isEqualTo(Arrays.copyOfRange(LARGE, 900_000, 1_000_000));
    }

    @Test
    void aNetworkThatTearsEveryConnectionIsAFault() throws IOException {
        network.tear(100);
        assertThatThrownBy(() -> objects.get("large"))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.FAULT))
                .hasMessageContaining("cannot be reached, to read large: the answer was cut off after ");
    }

    @Test
    void onlyWhatHasNoSha256OfOursIsCheckedByTheSdk() throws IOException {
        network.tear(0);
        String before = network.asked();
        Verified.download(
                objects, "large", new FileEntry("large", LARGE.length, Sha256.of(LARGE)), folder.resolve("large"));
        assertThat(network.asked().substring(before.length()))
                .contains("GET /moco/large")
                .doesNotContain("append-md5");
        objects.open("large").close();
        assertThat(network.asked().substring(before.length())).contains("x-amz-te: append-md5");
    }

    @Test
    void anEmptyObjectIsWhole() throws IOException {
        network.tear(0);
        Path copy = folder.resolve("empty");
        Verified.download(objects, "empty", new FileEntry("empty", 0, Sha256.of(new byte[0])), copy);
        assertThat(copy).isEmptyFile();
        assertThat(objects.get("empty")).hasValue(new byte[0]);
    }

    @Test
    void aMissingObjectIsNamed() throws IOException {
        network.tear(0);
        FileEntry entry = new FileEntry("none", 1, Sha256.of(new byte[1]));
        assertThatThrownBy(() -> Verified.download(objects, "none", entry, folder.resolve("cache/none")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage("s3://moco/ at " + network.endpoint() + "/none");
        assertThat(folder.resolve("cache")).isEmptyDirectory();
    }

    @Test
    void largeFilesAreHashedAsWholeOnes() throws IOException {
        Path file = Files.write(folder.resolve("file"), LARGE);
        assertThat(Verified.entry("file", file)).isEqualTo(new FileEntry("file", LARGE.length, Sha256.of(LARGE)));
    }
}
