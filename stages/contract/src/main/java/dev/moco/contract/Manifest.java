package dev.moco.contract;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Manifest of an artifact. Writing it commits the stage: it is written last, and never overwritten while its files are
 * there. Its constructor refuses what no stage writes, such as paths that leave the artifact, since everything that is
 * read from a store is untrusted.
 *
 * @param version {@link #VERSION}, or 1, in which each file has its path as the object's name
 * @param stage stage of the artifact
 * @param key the stage's key
 * @param config the stage's configuration
 * @param inputs the stage's inputs by role
 * @param files files of the result; for the same key, their bytes are the same on the same kind of processor
 * @param logs curves, drawings and timings; verified, but not part of the digest, since they contain times
 * @param result metrics of the stage
 * @param provenance times, versions and hardware
 * @param filesDigest digest of files that were removed from this copy; else null
 */
public record Manifest(
        int version,
        Stage stage,
        String key,
        StageConfig config,
        Map<String, ArtifactRef> inputs,
        List<FileEntry> files,
        List<FileEntry> logs,
        StageResult result,
        Provenance provenance,
        @JsonIgnore @Nullable String filesDigest) {

    /** Version of the manifests that are written. */
    public static final int VERSION = 2;

    /** Most files, so that manifests are small: twice the shards of a data set, and the index. */
    public static final int MAX_FILES = 20_000;

    private static final int MAX_LOGS = 100;

    public Manifest {
        if (version < 1 || version > VERSION) {
            throw new IllegalArgumentException("version of a manifest must be 1 or " + VERSION + ", found " + version);
        }
        Objects.requireNonNull(stage, "stage of a manifest");
        Objects.requireNonNull(config, "config of a manifest");
        Objects.requireNonNull(result, "result of a manifest");
        Objects.requireNonNull(provenance, "provenance of a manifest");
        Bounds.sha256("key of a manifest", key);
        Bounds.count("files of a manifest", files.size(), MAX_FILES);
        Bounds.count("logs of a manifest", logs.size(), MAX_LOGS);
        inputs = Map.copyOf(inputs);
        files = files.stream().sorted(Comparator.comparing(FileEntry::path)).toList();
        logs = logs.stream().sorted(Comparator.comparing(FileEntry::path)).toList();
        Set<String> paths = new HashSet<>();
        for (FileEntry file : all(files, logs)) {
            if (!paths.add(file.path())) {
                throw new IllegalArgumentException("a manifest must list each file once, found twice " + file.path());
            }
        }
    }

    public Manifest(
            int version,
            Stage stage,
            String key,
            StageConfig config,
            Map<String, ArtifactRef> inputs,
            List<FileEntry> files,
            List<FileEntry> logs,
            StageResult result,
            Provenance provenance) {
        this(version, stage, key, config, inputs, files, logs, result, provenance, null);
    }

    private static List<FileEntry> all(List<FileEntry> files, List<FileEntry> logs) {
        return Stream.concat(files.stream(), logs.stream()).toList();
    }

    /** Files and logs. */
    public List<FileEntry> all() {
        return all(files, logs);
    }

    /** Name of a file's object below the stage's prefix. */
    public String object(FileEntry file) {
        return version == 1 ? file.path() : file.object();
    }

    /** SHA-256 of the paths, sizes and SHA-256 of {@link #files}; part of the keys of the stages that use them. */
    @JsonIgnore
    public String digest() {
        return filesDigest == null ? Sha256.of(CanonicalJson.bytes(files)) : filesDigest;
    }

    /** A copy without files but with their digest, for a process that has many manifests in memory. */
    public Manifest withoutFiles() {
        return new Manifest(version, stage, key, config, inputs, List.of(), logs, result, provenance, digest());
    }

    /** Reference to this artifact. */
    @JsonIgnore
    public ArtifactRef ref() {
        return new ArtifactRef(stage, key, digest());
    }

    /**
     * A file of the artifact.
     *
     * @param path relative path, such as {@code logs/history.jsonl}
     * @param size size in bytes
     * @param sha256 SHA-256 in lower-case hex
     */
    public record FileEntry(String path, long size, String sha256) {
        /** Prefix of the objects of files, below that of the stage. */
        public static final String OBJECTS = "files/";

        public FileEntry {
            Bounds.path("path of a file", path);
            Bounds.notNegative("size of " + path, size);
            Bounds.sha256("SHA-256 of " + path, sha256);
        }

        /**
         * Name of its object below a prefix: {@code files/<sha256>/<path>}. Names are unique to the content, so that two
         * writers of one stage cannot overwrite each other's files with other bytes.
         */
        public String object() {
            return OBJECTS + sha256 + "/" + path;
        }
    }
}
