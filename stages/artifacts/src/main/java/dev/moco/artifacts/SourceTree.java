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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Raw data in a folder or below a prefix of a bucket, or one file there, for reading only. */
public final class SourceTree implements AutoCloseable {
    /** The full ImageNet in class folders has 14 million files. */
    static final int MAX_FILES = 20_000_000;
    /** Folders at the root of ImageNet and of VOC. */
    private static final Set<String> FOLDERS = Set.of("train", "val", "VOCdevkit", "VOC2007", "VOC2012");

    private static final int REPORTED = 1000;

    private final ObjectStore objects;
    private final int maxFiles;
    /** Name of the one file; null for all files. */
    private final @Nullable String only;
    /** The source as one file, for a prefix that may be the key of an object. */
    private final @Nullable Supplier<SourceTree> asFile;

    private volatile @Nullable SourceTree file;

    SourceTree(ObjectStore objects, int maxFiles) {
        this(objects, maxFiles, null, null);
    }

    private SourceTree(
            ObjectStore objects, int maxFiles, @Nullable String only, @Nullable Supplier<SourceTree> asFile) {
        this.objects = objects;
        this.maxFiles = maxFiles;
        this.only = only;
        this.asFile = asFile;
    }

    /** A file of the raw data; the stamp is that of {@link ObjectStore.StoredObject}. */
    public record SourceFile(String path, long size, String stamp) {}

    /**
     * Opens raw data.
     *
     * @param source {@code s3://bucket/prefix}, {@code file:///folder}, a folder, or the path of one file or object
     * @param store bucket of the artifacts, since raw data in S3 is read with its endpoint and credentials; null for
     *     AWS
     * @throws StageFailure bad configuration if there is no such folder or file
     */
    public static SourceTree open(String source, @Nullable StoreLocation store) {
        return open(source, store, S3ObjectStore::open);
    }

    /** Opens raw data with a given function to open a bucket. */
    public static SourceTree open(
            String source, @Nullable StoreLocation store, Function<StoreLocation, ObjectStore> bucket) {
        if (source.startsWith("s3://")) {
            return inBucket(source, store, bucket);
        }
        Path path = Path.of(source.startsWith("file://") ? source.substring("file://".length()) : source)
                .toAbsolutePath()
                .normalize();
        if (Files.isRegularFile(path)) {
            String name = path.getFileName().toString();
            return new SourceTree(
                    new FolderObjectStore(Objects.requireNonNull(path.getParent(), "a file is in a folder")),
                    1,
                    name,
                    null);
        }
        if (!Files.isDirectory(path)) {
            throw StageFailure.badConfig(
                    "raw data: no folder or file " + path + "; allowed are one that exists and s3://bucket/prefix");
        }
        return new SourceTree(new FolderObjectStore(path, SourceTree::isUnused), MAX_FILES);
    }

    /** The objects below a prefix; where there are none, the one object that is called like it. */
    private static SourceTree inBucket(
            String source, @Nullable StoreLocation store, Function<StoreLocation, ObjectStore> bucket) {
        String[] parts = source.substring("s3://".length()).split("/", 2);
        String prefix = parts.length > 1 ? parts[1].replaceAll("/+$", "") : "";
        int slash = prefix.lastIndexOf('/');
        Supplier<SourceTree> asFile = () -> new SourceTree(
                bucket.apply(in(parts[0], prefix.substring(0, Math.max(0, slash)), store)),
                1,
                prefix.substring(slash + 1),
                null);
        return new SourceTree(
                bucket.apply(in(parts[0], prefix, store)), MAX_FILES, null, prefix.isEmpty() ? null : asFile);
    }

    private static StoreLocation in(String bucket, String prefix, @Nullable StoreLocation store) {
        return store == null
                ? new StoreLocation(bucket, prefix, null, null, false, true)
                : new StoreLocation(
                        bucket, prefix, store.endpoint(), store.region(), store.pathStyle(), store.checksums());
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
        if (only != null) {
            each.accept(
                    find(only).orElseThrow(() -> StageFailure.badData("raw data: no file " + only + " in " + place())));
            return;
        }
        AtomicInteger files = new AtomicInteger();
        objects.list("", object -> {
            if (files.incrementAndGet() > maxFiles) {
                throw StageFailure.badData("raw data: more than " + maxFiles + " files in " + place()
                        + ", which is the most; name a folder below it, or pack its files in tars");
            }
            each.accept(new SourceFile(object.key(), object.size(), object.stamp()));
        });
        if (files.get() == 0) {
            listAsFile(each);
        }
    }

    private Optional<SourceFile> find(String name) throws IOException {
        return objects.find(name).map(found -> new SourceFile(name, found.size(), found.stamp()));
    }

    private void listAsFile(Consumer<SourceFile> each) throws IOException {
        if (asFile != null && file == null) {
            file = asFile.get();
        }
        SourceTree one = file;
        Optional<SourceFile> found = one == null || one.only == null ? Optional.empty() : one.find(one.only);
        each.accept(found.orElseThrow(() -> StageFailure.badData("raw data: nothing in " + place())));
    }

    public InputStream open(String path) throws IOException {
        SourceTree one = file;
        return one == null ? objects.open(path) : one.open(path);
    }

    /** Reads a range of a file; shorter if the file ends within it. */
    public byte[] range(String path, long offset, int length) throws IOException {
        SourceTree one = file;
        return one == null ? objects.range(path, offset, length) : one.range(path, offset, length);
    }

    @Override
    public void close() {
        objects.close();
        SourceTree one = file;
        if (one != null) {
            one.close();
        }
    }
}
