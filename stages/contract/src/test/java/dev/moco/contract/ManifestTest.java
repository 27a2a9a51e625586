package dev.moco.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.Manifest.FileEntry;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestTest {
    private static final String SHA = "ab".repeat(32);

    @ParameterizedTest
    @ValueSource(strings = {"a.bin", "encoder.safetensors", "logs/detections/00.png", "train-000001.tar", "a..b"})
    void pathsOfStagesAreAllowed(String path) {
        assertThat(new FileEntry(path, 0, SHA).object()).isEqualTo("files/" + SHA + "/" + path);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/etc/passwd",
                "../a",
                "a/../b",
                "a/..",
                "./a",
                "a//b",
                "a/",
                "a\\b",
                "a b",
                "a\nb",
                "a\u001b[2J",
                "a\u202eb",
                "C:\\a"
            })
    void pathsThatLeaveTheArtifactOrCannotBeShownAreRefused(String path) {
        assertThatThrownBy(() -> new FileEntry(path, 0, SHA))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("path of a file must be a relative path of at most 256 letters")
                .message()
                .matches("[ -~]*");
    }

    @Test
    void longPathsAreRefused() {
        assertThat(new FileEntry("a".repeat(256), 0, SHA).path()).hasSize(256);
        assertThatThrownBy(() -> new FileEntry("a/".repeat(50_000) + "a", 0, SHA))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .hasSizeLessThan(300);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/proc/self/environ", "", "ab", "AB", "../../../../etc/passwd"})
    void aDigestHas64Digits(String sha256) {
        assertThatThrownBy(() -> new FileEntry("a.bin", 0, sha256))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("SHA-256 of a.bin must have 64 lower-case hexadecimal digits, found \"" + sha256 + "\"");
        assertThatThrownBy(() -> new ArtifactRef(Stage.PREPARE, sha256, SHA))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("key of an input must have 64");
        assertThatThrownBy(() -> new ArtifactRef(Stage.PREPARE, SHA, sha256))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("digest of an input must have 64");
    }

    @Test
    void aNegativeSizeIsRefused() {
        assertThatThrownBy(() -> new FileEntry("a.bin", -1, SHA))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("size of a.bin must not be negative, found -1");
    }

    @Test
    void filesAndLogsAreFewAndEachIsListedOnce() {
        List<FileEntry> most = IntStream.range(0, Manifest.MAX_FILES)
                .mapToObj(i -> new FileEntry("shard-" + i, 1, SHA))
                .toList();
        FileEntry file = new FileEntry("a.bin", 1, SHA);
        assertThat(manifest(2, most, List.of()).files()).hasSize(20_000);
        List<FileEntry> more = new ArrayList<>(most);
        more.add(file);
        assertThatThrownBy(() -> manifest(2, more, List.of()))
                .hasMessage("files of a manifest must be at most 20000, found 20001");
        assertThatThrownBy(() -> manifest(2, List.of(), most.subList(0, 101)))
                .hasMessage("logs of a manifest must be at most 100, found 101");
        assertThatThrownBy(() -> manifest(2, List.of(file), List.of(file)))
                .hasMessage("a manifest must list each file once, found twice a.bin");
    }

    @Test
    void aCopyWithoutFilesHasTheirDigestAndTheSameJsonOtherwise() {
        FileEntry file = new FileEntry("a.bin", 1, SHA);
        Manifest whole = manifest(2, List.of(file), List.of());
        assertThat(whole.withoutFiles().files()).isEmpty();
        assertThat(whole.withoutFiles().digest()).isEqualTo(whole.digest());
        assertThat(whole.withoutFiles().withoutFiles()).isEqualTo(whole.withoutFiles());
        assertThat(CanonicalJson.bytes(whole.withoutFiles()))
                .isEqualTo(CanonicalJson.bytes(manifest(2, List.of(), List.of())));
        assertThat(CanonicalJson.read(CanonicalJson.bytes(whole), Manifest.class))
                .isEqualTo(whole);
    }

    /** A digest in the JSON would stand in for that of the files. */
    @Test
    void theDigestIsNotRead() {
        String json = new String(CanonicalJson.bytes(manifest(2, List.of(), List.of())), StandardCharsets.UTF_8);
        byte[] claimed = json.replace("{\"config\"", "{\"filesDigest\":\"" + SHA + "\",\"config\"")
                .getBytes(StandardCharsets.UTF_8);
        assertThat(claimed.length).isGreaterThan(json.length());
        Manifest read = CanonicalJson.read(claimed, Manifest.class);
        assertThat(read.digest()).isEqualTo(manifest(2, List.of(), List.of()).digest());
    }

    @Test
    void theVersionSaysHowObjectsAreNamed() {
        FileEntry file = new FileEntry("a.bin", 1, SHA);
        assertThat(manifest(1, List.of(file), List.of()).object(file)).isEqualTo("a.bin");
        assertThat(manifest(2, List.of(file), List.of()).object(file)).isEqualTo("files/" + SHA + "/a.bin");
        assertThat(manifest(1, List.of(file), List.of()).digest())
                .isEqualTo(manifest(2, List.of(file), List.of()).digest());
        assertThatThrownBy(() -> manifest(3, List.of(file), List.of()))
                .hasMessage("version of a manifest must be 1 or 2, found 3");
    }

    /** A part of a committed manifest, its replacement, and a part of the message. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"stage\":\"prepare\",\"version\" | \"stage\":null,\"version\" | stage of a manifest",
                "\"key\":\" | \"key\":\"../ | key of a manifest must have 64",
                "\"started\":\"1970-01-01T00:00:00Z\" | \"started\":\"+1000000-01-01T00:00:00Z\" | started must be",
                "\"path\":\"a.bin\" | \"path\":\"../a.bin\" | must be a relative path",
                "\"size\":1 | \"size\":-1 | must not be negative"
            })
    void aManifestOfOtherContentIsNotRead(String written, String altered, String message) {
        String json = new String(
                CanonicalJson.bytes(manifest(2, List.of(new FileEntry("a.bin", 1, SHA)), List.of())),
                StandardCharsets.UTF_8);
        assertThat(json).contains(written);
        assertThatThrownBy(() -> CanonicalJson.read(
                        json.replace(written, altered).getBytes(StandardCharsets.UTF_8), Manifest.class))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("not a Manifest")
                .hasMessageContaining(message);
    }

    @Test
    void resultsAreNumbersThatCanBeShown() {
        assertThat(new StageResult.AveragePrecision(100.0000000001, 0, 50).ap75())
                .isEqualTo(50);
        for (double value : new double[] {-1, 101, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> new StageResult.AveragePrecision(value, 0, 0))
                    .hasMessage("ap50 must be between 0 and 100, found " + value);
            assertThatThrownBy(() -> new StageResult.Pretrained(1, 1, 1, value, null))
                    .hasMessage("knnTop1 must be between 0 and 100, found " + value);
        }
        assertThatThrownBy(() -> new Provenance(Instant.EPOCH, Instant.EPOCH, Map.of(), Map.of(), 1, -1))
                .hasMessage("gpuSeconds must not be negative, found -1.0");
        assertThatThrownBy(() -> new Provenance(Instant.EPOCH, Instant.EPOCH, Map.of(), Map.of(), 1, Double.NaN))
                .hasMessage("gpuSeconds must be between -1e12 and 1e12, found NaN");
    }

    @Test
    void longStringsAreNotRead() {
        byte[] json = ("{\"exitCode\":0,\"message\":\"" + "x".repeat(100_000) + "\"}").getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> CanonicalJson.read(json, Termination.class))
                .isInstanceOf(UncheckedIOException.class)
                .message()
                .hasSizeLessThan(1000);
    }

    private static Manifest manifest(int version, List<FileEntry> files, List<FileEntry> logs) {
        PrepareConfig config =
                new PrepareConfig(PrepareConfig.Dataset.IMAGENET, "f", PrepareConfig.OnBadImage.FAIL, List.of(), 8, 0);
        return new Manifest(
                version,
                Stage.PREPARE,
                ArtifactKey.of(config, Map.of()),
                config,
                Map.of(),
                files,
                logs,
                new StageResult.Prepared(1, 1, 1, 1, 0, List.of()),
                new Provenance(Instant.EPOCH, Instant.EPOCH, Map.of(), Map.of(), 1, 0));
    }
}
