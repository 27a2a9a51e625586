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
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Raw data where its owner keeps it: a folder, or a prefix of a bucket; read, never written. */
public final class SourceTree implements AutoCloseable {
    private final ObjectStore objects;

    private SourceTree(ObjectStore objects) {
        this.objects = objects;
    }

    /** A file below the root. */
    public record SourceFile(String path, long size, String stamp) {}

    /**
     * Opens raw data.
     *
     * @param source {@code s3://bucket/prefix}, {@code file:///folder} or a folder
     * @param store where artifacts live: raw data in S3 is read by the same endpoint and credentials; null for AWS
     * @throws StageFailure bad configuration if there is no such folder
     */
    public static SourceTree open(String source, @Nullable StoreLocation store) {
        return open(source, store, S3ObjectStore::open);
    }

    /** Same, with another way to open a bucket. */
    public static SourceTree open(
            String source, @Nullable StoreLocation store, Function<StoreLocation, ObjectStore> bucket) {
        if (source.startsWith("s3://")) {
            String[] parts = source.substring("s3://".length()).split("/", 2);
            String prefix = parts.length > 1 ? parts[1].replaceAll("/+$", "") : "";
            return new SourceTree(bucket.apply(
                    store == null
                            ? new StoreLocation(parts[0], prefix, null, null, false, true)
                            : new StoreLocation(
                                    parts[0],
                                    prefix,
                                    store.endpoint(),
                                    store.region(),
                                    store.pathStyle(),
                                    store.checksums())));
        }
        Path folder = Path.of(source.startsWith("file://") ? source.substring("file://".length()) : source);
        if (!Files.isDirectory(folder)) {
            throw StageFailure.badConfig("raw data: no folder " + folder.toAbsolutePath()
                    + "; allowed are a folder that exists and s3://bucket/prefix");
        }
        return new SourceTree(new FolderObjectStore(folder));
    }

    /** Where this is, for messages. */
    public String place() {
        return objects.place();
    }

    /**
     * Every file, in order of paths.
     *
     * @throws StageFailure bad data if there is none
     */
    public List<SourceFile> list() throws IOException {
        List<SourceFile> entries = new ArrayList<>();
        objects.list("", entry -> entries.add(new SourceFile(entry.key(), entry.size(), entry.stamp())));
        if (entries.isEmpty()) {
            throw StageFailure.badData("raw data: nothing in " + place());
        }
        return entries;
    }

    /** SHA-256 over paths, sizes and stamps: it changes when a file does, without reading one. */
    public String fingerprint() throws IOException {
        MessageDigest digest = Sha256.digest();
        for (SourceFile entry : list()) {
            digest.update((entry.path() + "\n" + entry.size() + "\n" + entry.stamp() + "\n")
                    .getBytes(StandardCharsets.UTF_8));
        }
        return Sha256.hex(digest.digest());
    }

    public InputStream open(String path) throws IOException {
        return objects.open(path);
    }

    /** Part of a file. */
    public byte[] range(String path, long offset, int length) throws IOException {
        return objects.range(path, offset, length);
    }

    @Override
    public void close() {
        objects.close();
    }
}
