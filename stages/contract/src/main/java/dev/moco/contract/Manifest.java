package dev.moco.contract;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The commit of a stage: written last, and only once.
 *
 * @param version {@link ArtifactKey#CONTRACT_VERSION}
 * @param stage stage that made the files
 * @param key its key
 * @param config its configuration
 * @param inputs its inputs by role
 * @param files the result, by path; the same for the same key, bit for bit, on the same kind of processor
 * @param logs curves, drawings and timings: verified too, but not part of the digest, for time is in them
 * @param result figures of the stage
 * @param provenance how it was made
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
        Provenance provenance) {

    public Manifest {
        inputs = Map.copyOf(inputs);
        files = files.stream().sorted(Comparator.comparing(FileEntry::path)).toList();
        logs = logs.stream().sorted(Comparator.comparing(FileEntry::path)).toList();
    }

    /** SHA-256 over paths, sizes and SHA-256 of {@link #files}: what the next stage's key takes in. */
    @JsonIgnore
    public String digest() {
        return Sha256.of(CanonicalJson.bytes(files));
    }

    /** This stage as an input of another. */
    @JsonIgnore
    public ArtifactRef ref() {
        return new ArtifactRef(stage, key, digest());
    }

    /** A file of the artifact: path below the stage's prefix, size in bytes, SHA-256 in lower-case hex. */
    public record FileEntry(String path, long size, String sha256) {}
}
