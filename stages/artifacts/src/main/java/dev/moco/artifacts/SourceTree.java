package dev.moco.artifacts;

import dev.moco.contract.Sha256;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Raw data in a folder or below a prefix of a bucket, for reading only. */
public final class SourceTree implements AutoCloseable {
    /** The full ImageNet in class folders has 14 million files. */
    static final int MAX_FILES = 20_000_000;
    /** Folders at the root of ImageNet and of VOC. */
    private static final Set<String> FOLDERS = Set.of("train", "val", "VOCdevkit", "VOC2007", "VOC2012");

    private static final int REPORTED = 1000;

    private final ObjectStore objects;
    private final int maxFiles;

    SourceTree(ObjectStore objects, int maxFiles) {
        this.objects = objects;
        this.maxFiles = maxFiles;
    }

    /** A file of the raw data; the stamp is that of {@link ObjectStore.StoredObject}. */
    public record SourceFile(String path, long size, String stamp) {}

    /**
     * Opens raw data.
     *
     * @param source {@code s3://bucket/prefix}, {@code file:///folder} or a folder
     * @param store bucket of the artifacts, since raw data in S3 is read with its endpoint and credentials; null for
     *     AWS
     * @throws StageFailure bad configuration if there is no such folder
     */
    public static SourceTree open(String source, @Nullable StoreLocation store) {
        return open(source, store, S3ObjectStore::open);
    }

    /** Opens raw data with a given function to open a bucket. */
    public static SourceTree open(
            String source, @Nullable StoreLocation store, Function<StoreLocation, ObjectStore> bucket) {
        if (source.startsWith("s3://")) {
            String[] parts = source.substring("s3://".length()).split("/", 2);
            String prefix = parts.length > 1 ? parts[1].replaceAll("/+$", "") : "";
            StoreLocation location = store == null
                    ? new StoreLocation(parts[0], prefix, null, null, false, true)
                    : new StoreLocation(
                            parts[0], prefix, store.endpoint(), store.region(), store.pathStyle(), store.checksums());
            return new SourceTree(bucket.apply(location), MAX_FILES);
        }
        Path folder = Path.of(source.startsWith("file://") ? source.substring("file://".length()) : source);
        if (!Files.isDirectory(folder)) {
            throw StageFailure.badConfig("raw data: no folder " + folder.toAbsolutePath()
                    + "; allowed are a folder that exists and s3://bucket/prefix");
        }
        return new SourceTree(new FolderObjectStore(folder, SourceTree::isUnused), MAX_FILES);
    }

    /** Returns whether a folder, by its path, is beside those of the data sets. */
    private static boolean isUnused(String path) {
        return path.indexOf('/') < 0 && !FOLDERS.contains(path);
    }

    /** Folder or bucket for messages. */
    public String place() {
        return objects.place();
    }

    /** The fingerprint, however long it takes. */
    public String fingerprint() throws IOException {
        return fingerprint(ChronoUnit.FOREVER.getDuration(), files -> {});
    }

    /**
     * Computes the SHA-256 of all paths, sizes and stamps, without reading the files. The memory that it takes does not
     * grow with their number.
     *
     * @param limit longest time that it may take
     * @param listed receives the number of files so far, after each thousand
     * @throws StageFailure bad data if there is no file, or more than 20 million; a fault if it takes too long
     */
    public String fingerprint(Duration limit, LongConsumer listed) throws IOException {
        MessageDigest digest = Sha256.digest();
        long start = System.nanoTime();
        AtomicLong files = new AtomicLong();
        list(file -> {
            if (files.incrementAndGet() % REPORTED == 0) {
                listed.accept(files.get());
            }
            if (Duration.ofNanos(System.nanoTime() - start).compareTo(limit) > 0) {
                throw StageFailure.fault("raw data: listing " + place() + " takes longer than " + limit.toMinutes()
                        + " minutes; name a folder below it, or pack its files in tars");
            }
            digest.update(
                    (file.path() + "\n" + file.size() + "\n" + file.stamp() + "\n").getBytes(StandardCharsets.UTF_8));
        });
        return Sha256.hex(digest.digest());
    }

    /**
     * Lists all files in the order of paths, in memory that does not grow with their number.
     *
     * @throws StageFailure bad data if there is none, or more than 20 million
     */
    public void list(Consumer<SourceFile> each) throws IOException {
        AtomicInteger files = new AtomicInteger();
        objects.list("", object -> {
            if (files.incrementAndGet() > maxFiles) {
                throw StageFailure.badData("raw data: more than " + maxFiles + " files in " + place()
                        + ", which is the most; name a folder below it, or pack its files in tars");
            }
            each.accept(new SourceFile(object.key(), object.size(), object.stamp()));
        });
        if (files.get() == 0) {
            throw StageFailure.badData("raw data: nothing in " + place());
        }
    }

    public InputStream open(String path) throws IOException {
        return objects.open(path);
    }

    /** Reads a range of a file; shorter if the file ends within it. */
    public byte[] range(String path, long offset, int length) throws IOException {
        return objects.range(path, offset, length);
    }

    @Override
    public void close() {
        objects.close();
    }
}
