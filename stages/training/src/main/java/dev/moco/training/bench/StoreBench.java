package dev.moco.training.bench;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.S3ObjectStore;
import dev.moco.artifacts.ScratchFolder;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.PrepareConfig.Dataset;
import dev.moco.contract.PrepareConfig.OnBadImage;
import dev.moco.contract.Provenance;
import dev.moco.contract.Sha256;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult;
import dev.moco.contract.StoreLocation;
import dev.moco.training.bench.Timings.Spread;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code moco bench store}: copies of shards from S3 to the cache. */
@Command(
        name = "store",
        mixinStandardHelpOptions = true,
        description = {
            "Times the verified copy of shards from an S3 store to the work folder.",
            "Shards of random bytes are written, read as stages read them, and deleted. Each round also reads the same"
                    + " objects by plain HTTP GETs, to the same disk and with as many connections.",
            "SHA-256 alone hashes as many bytes in memory in as many threads: an upper bound of the verified copy."
        })
final class StoreBench implements Callable<Integer> {
    private static final double MB = 1e6;
    private static final int BUFFER_BYTES = 1 << 17;
    /** Mean size of ImageNet's training images. */
    private static final double IMAGE_BYTES = 110e3;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // set by picocli
    BenchMain bench;

    @Option(
            names = "--store",
            paramLabel = "s3://BUCKET/PREFIX",
            description = "Bucket, with credentials of the AWS chain. Default: an embedded S3 server on loopback, in"
                    + " another process, as in `moco run`.")
    @Nullable
    String store;

    @Option(names = "--endpoint", paramLabel = "URL", description = "S3 server with path-style requests. Default: AWS")
    @Nullable
    String endpoint;

    @Option(names = "--region", paramLabel = "NAME", description = "Region. Default: the AWS configuration's")
    @Nullable
    String region;

    @Option(names = "--mib", paramLabel = "N", description = "Size of all objects in MiB. Default: ${DEFAULT-VALUE}")
    int mib = 256;

    @Option(
            names = "--object-mib",
            paramLabel = "N",
            description = "Size of an object in MiB. Default: ${DEFAULT-VALUE}")
    int objectMib = 32;

    @Option(
            names = "--connections",
            paramLabel = "N",
            description = "Objects read at the same time; a stage reads one after another. Default: ${DEFAULT-VALUE}")
    int connections = 1;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Timed rounds, after one of warm-up. Default: ${DEFAULT-VALUE}")
    int rounds = 5;

    @Override
    public Integer call() throws Exception {
        BenchMain.requireAtLeast("--mib", mib, 1);
        BenchMain.requireAtLeast("--object-mib", objectMib, 1);
        BenchMain.requireAtLeast("--connections", connections, 1);
        BenchMain.requireAtLeast("--rounds", rounds, 1);
        StoreLocation location = location();
        ExecutorService threads = Executors.newFixedThreadPool(connections);
        try (S3ObjectStore objects = S3ObjectStore.open(location);
                ScratchFolder scratch = ScratchFolder.below(bench.work, "bench-store-")) {
            bench.print(run(objects, scratch.path(), threads, location), connections);
        } finally {
            threads.shutdownNow();
        }
        return 0;
    }

    private StoreLocation location() {
        if (store == null) {
            throw StageFailure.badConfig(
                    "--store s3://bucket/prefix is required; only `moco bench` starts an embedded S3");
        }
        StoreLocation named = StoreLocation.of("--store", store);
        return new StoreLocation(named.bucket(), named.prefix(), endpoint, region, endpoint != null, true);
    }

    private BenchReport run(S3ObjectStore objects, Path scratch, ExecutorService threads, StoreLocation location)
            throws Exception {
        String key = Sha256.of(UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8));
        ArtifactStore artifacts = new ArtifactStore(objects);
        Map<String, Path> files = makeFiles(scratch);
        try {
            long start = System.nanoTime();
            List<FileEntry> entries = artifacts.upload(Stage.PREPARE, key, files);
            double writeSeconds = (System.nanoTime() - start) / 1e9;
            deleteAll(files.values());
            long bytes = entries.stream().mapToLong(FileEntry::size).sum();
            ArtifactReader reader = artifacts.reader(manifest(key, entries), scratch.resolve("cache"));
            PairedTimings reads = PairedTimings.of(
                    rounds,
                    () -> verified(reader, List.copyOf(files.keySet()), threads),
                    () -> plain(objects, key, entries, scratch, threads));
            return report(location, bytes, writeSeconds, reads, hashing(bytes, threads));
        } finally {
            List<String> names = new ArrayList<>();
            objects.list(ArtifactKey.prefix(Stage.PREPARE, key), object -> names.add(object.key()));
            for (String name : names) {
                objects.delete(name);
            }
        }
    }

    private Map<String, Path> makeFiles(Path scratch) throws IOException {
        Map<String, Path> files = new LinkedHashMap<>();
        SplittableRandom random = new SplittableRandom();
        byte[] chunk = new byte[1 << 20];
        for (int written = 0; written < mib; ) {
            String name = "shard-" + files.size() + ".bin";
            Path file = scratch.resolve(name);
            try (OutputStream out = Files.newOutputStream(file)) {
                int end = Math.min(written + objectMib, mib);
                for (; written < end; written++) {
                    random.nextBytes(chunk);
                    out.write(chunk);
                }
            }
            files.put(name, file);
        }
        return files;
    }

    /** Manifest of a prepared data set with these files; it is not committed. */
    private static Manifest manifest(String key, List<FileEntry> entries) {
        Instant now = Instant.now();
        return new Manifest(
                Manifest.VERSION,
                Stage.PREPARE,
                key,
                new PrepareConfig(Dataset.IMAGENET, key, OnBadImage.FAIL, List.of(), 1, 0),
                Map.of(),
                entries,
                List.of(),
                new StageResult.Prepared(0, 0, 0, 0, 0, List.of()),
                new Provenance(now, now, Map.of(), Map.of(), 0, 0));
    }

    private static double verified(ArtifactReader reader, List<String> paths, ExecutorService threads)
            throws Exception {
        List<Callable<Path>> reads = new ArrayList<>();
        paths.forEach(path -> reads.add(() -> reader.file(path)));
        return timed(reads, threads);
    }

    private static double plain(
            S3ObjectStore objects, String key, List<FileEntry> entries, Path folder, ExecutorService threads)
            throws Exception {
        List<Callable<Path>> reads = new ArrayList<>();
        for (FileEntry entry : entries) {
            URL url = objects.presigned(ArtifactKey.prefix(Stage.PREPARE, key) + entry.object());
            reads.add(() -> get(url, folder.resolve(entry.path())));
        }
        return timed(reads, threads);
    }

    private static Path get(URL url, Path to) throws IOException {
        try (InputStream in = url.openStream();
                OutputStream out = Files.newOutputStream(to)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
            }
        }
        return to;
    }

    private static double timed(List<Callable<Path>> reads, ExecutorService threads) throws Exception {
        List<Path> copies = new ArrayList<>();
        long start = System.nanoTime();
        for (Future<Path> copy : threads.invokeAll(reads)) {
            copies.add(copy.get());
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        deleteAll(copies);
        return seconds;
    }

    /** Times SHA-256 of as many bytes in memory by as many threads, an upper bound of the verified copy. */
    private Timings hashing(long bytes, ExecutorService threads) throws Exception {
        Callable<byte[]> share = () -> {
            MessageDigest digest = Sha256.digest();
            byte[] chunk = new byte[BUFFER_BYTES];
            for (long left = bytes / connections; left > 0; left -= chunk.length) {
                digest.update(chunk, 0, (int) Math.min(left, chunk.length));
            }
            return digest.digest();
        };
        return Timings.of(1, rounds, round -> {
            for (Future<byte[]> hashed : threads.invokeAll(Collections.nCopies(connections, share))) {
                hashed.get();
            }
        });
    }

    private static void deleteAll(Iterable<Path> files) throws IOException {
        for (Path file : files) {
            Files.delete(file);
        }
    }

    private BenchReport report(
            StoreLocation location, long bytes, double writeSeconds, PairedTimings reads, Timings hashing) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("store", "s3://" + location.bucket() + "/" + location.prefix());
        settings.put("endpoint", endpoint == null ? "AWS" : endpoint);
        settings.put("mib", mib);
        settings.put("objectMib", objectMib);
        settings.put("connections", connections);
        settings.put("rounds", rounds);
        Spread verified = reads.verified().rates(bytes / MB);
        Spread plain = reads.plain().rates(bytes / MB);
        Spread sha256 = hashing.rates(bytes / MB);
        double ratio = verified.median() / plain.median();
        double toSha256 = verified.median() / sha256.median();
        double written = bytes / MB / writeSeconds;
        String title = "bench store: " + mib + " MiB in objects of " + objectMib + " MiB, " + connections
                + (connections == 1 ? " connection" : " connections") + ", " + settings.get("store") + " at "
                + settings.get("endpoint");
        double images = bytes / IMAGE_BYTES;
        return new BenchReport("store", title, settings)
                .images(images, reads.verified())
                .spread("verifiedMbPerSecond", verified)
                .spread("plainMbPerSecond", plain)
                .spread("sha256MbPerSecond", sha256)
                .field("verifiedToPlain", ratio)
                .field("verifiedToSha256", toSha256)
                .field("writtenMbPerSecond", written)
                .line("verified copy", BenchReport.text(verified, " MB/s"))
                .line("plain GET", BenchReport.text(plain, " MB/s"))
                .line("SHA-256 alone", BenchReport.text(sha256, " MB/s"))
                .line(
                        "ratio",
                        BenchReport.format(ratio) + " of the plain GET's rate, " + BenchReport.format(toSha256)
                                + " of SHA-256's")
                .line("written", BenchReport.format(written) + " MB/s")
                .line(
                        "images/s",
                        BenchReport.text(reads.verified().rates(images), "") + " of ImageNet's mean size, 110 kB");
    }
}
