package dev.moco.training.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.artifacts.S3ObjectStore;
import dev.moco.artifacts.SourceTree;
import dev.moco.artifacts.StoredParts;
import dev.moco.contract.Progress;
import dev.moco.contract.StoreLocation;
import dev.moco.fullsize.FullSizeServer;
import dev.moco.fullsize.FullSizeServer.Scale;
import dev.moco.training.data.shards.Split;
import dev.moco.training.stage.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Listings of a server that has data sets of the real size, or of a small one by default. */
class FullSizeListingTest {
    /** The heap of the prepare stage. */
    private static final String HEAP = "-Xmx512m";

    @TempDir
    Path folder;

    private static RawSource open(String endpoint, String source) {
        return new RawSource(
                SourceTree.open(
                        source,
                        new StoreLocation("any", "", endpoint, "us-east-1", true, true),
                        location -> S3ObjectStore.open(
                                location, StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "key")))),
                true);
    }

    private static RawDataset list(String endpoint, String source, Path folder, List<Progress> reports)
            throws IOException {
        ListingProgress progress = new ListingProgress(reports::add, () -> false);
        StoredParts parts = EmptyParts.in(Files.createTempDirectory(folder, "parts"));
        try (RawSource files = open(endpoint, source)) {
            return source.equals(FullSizeServer.VOC)
                    ? VocLayout.list(files, parts, List.of("any"), List.of(), progress)
                    : ImagenetLayout.list(files, parts, progress);
        }
    }

    @Test
    void archivesAndFoldersHaveTheSameImages() throws IOException {
        try (FullSizeServer server = FullSizeServer.start(Scale.SMALL, folder, Duration.ZERO, 0, 0)) {
            RawDataset archives = list(server.endpoint(), FullSizeServer.IMAGENET, folder, new ArrayList<>());
            RawDataset folders = list(server.endpoint(), FullSizeServer.IMAGENET_FOLDERS, folder, new ArrayList<>());
            assertThat(archives.classNames()).isEqualTo(folders.classNames()).hasSize(12);
            assertThat(archives.images()).isEqualTo(360);
            for (Map.Entry<Split, List<RawImage>> split : archives.splits().entrySet()) {
                List<RawImage> expected =
                        Objects.requireNonNull(folders.splits().get(split.getKey()));
                assertThat(split.getValue()).extracting(RawImage::id).isEqualTo(ids(expected));
                try (RawSource tars = open(server.endpoint(), FullSizeServer.IMAGENET);
                        RawSource tree = open(server.endpoint(), FullSizeServer.IMAGENET_FOLDERS)) {
                    for (int i = 0; i < expected.size(); i += 7) {
                        assertThat(split.getValue().get(i).label())
                                .isEqualTo(expected.get(i).label());
                        assertThat(split.getValue().get(i).image().read(tars))
                                .isEqualTo(expected.get(i).image().read(tree));
                    }
                }
            }
        }
    }

    private static List<String> ids(List<RawImage> images) {
        return images.stream().map(RawImage::id).toList();
    }

    @Test
    void vocIsListed() throws IOException {
        try (FullSizeServer server = FullSizeServer.start(Scale.SMALL, folder, Duration.ZERO, 0, 0)) {
            RawDataset voc = list(server.endpoint(), FullSizeServer.VOC, folder, new ArrayList<>());
            assertThat(voc.splits().get(Split.TRAIN)).hasSize(10 + 23);
            assertThat(voc.splits().get(Split.TEST)).hasSize(9);
        }
    }

    /** {@code -Dmoco.bench=true} lists the full size with 40 ms a request and 250 MB/s, and prints what it took. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        FullSizeServer.VOC + ",21503",
        FullSizeServer.IMAGENET_FOLDERS + ",1331167",
        FullSizeServer.IMAGENET + ",1331167"
    })
    @EnabledIfSystemProperty(named = "moco.bench", matches = "true")
    void fullSize(String source, int images) throws Exception {
        try (FullSizeServer server = FullSizeServer.start(Scale.FULL, folder, Duration.ofMillis(40), 250_000_000, 0)) {
            Path output = folder.resolve("output");
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            HEAP,
                            "-XX:+UseSerialGC",
                            "-cp",
                            System.getProperty("java.class.path"),
                            FullSizeListingTest.class.getName(),
                            server.endpoint(),
                            source,
                            folder.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            int exit = process.waitFor();
            List<String> lines = Files.readAllLines(output);
            assertThat(exit).as(String.join("\n", lines)).isZero();
            System.out.println(source + ": " + lines.get(lines.size() - 1) + " " + server.traffic());
            assertThat(lines).last().asString().startsWith("images=" + images + " ");
        }
    }

    /** Lists a data set, and prints time, memory, and the longest time between two reports. */
    public static void main(String[] arguments) throws IOException {
        long start = System.nanoTime();
        List<Progress> reports = new ArrayList<>();
        RawDataset raw = list(arguments[0], arguments[1], Path.of(arguments[2]), reports);
        double silence = 0;
        for (int i = 1; i < reports.size(); i++) {
            Duration between = Duration.between(
                    reports.get(i - 1).updated(), reports.get(i).updated());
            silence = Math.max(silence, between.toMillis() / 1e3);
        }
        Runtime runtime = Runtime.getRuntime();
        System.gc();
        System.out.printf(
                "images=%d classes=%d seconds=%.1f peak_rss_mib=%d heap_mb=%d reports=%d longest_silence_s=%.1f%n",
                raw.images(),
                raw.classNames().size(),
                (System.nanoTime() - start) / 1e9,
                Machine.peakRssMib(),
                (runtime.totalMemory() - runtime.freeMemory()) >> 20,
                reports.size(),
                silence);
    }
}
