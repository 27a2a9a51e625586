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

/** Raw data in a folder or below a prefix of a bucket, for reading only. */
public final class SourceTree implements AutoCloseable {
    private final ObjectStore objects;

    private SourceTree(ObjectStore objects) {
        this.objects = objects;
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

    /** Folder or bucket for messages. */
    public String place() {
        return objects.place();
    }

    /**
     * Lists all files in the order of paths.
     *
     * @throws StageFailure bad data if there is none
     */
    public List<SourceFile> list() throws IOException {
        List<SourceFile> files = new ArrayList<>();
        objects.list("", object -> files.add(new SourceFile(object.key(), object.size(), object.stamp())));
        if (files.isEmpty()) {
            throw StageFailure.badData("raw data: nothing in " + place());
        }
        return files;
    }

    /** Computes the SHA-256 of all paths, sizes and stamps, without reading the files. */
    public String fingerprint() throws IOException {
        MessageDigest digest = Sha256.digest();
        for (SourceFile file : list()) {
            digest.update(
                    (file.path() + "\n" + file.size() + "\n" + file.stamp() + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return Sha256.hex(digest.digest());
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
