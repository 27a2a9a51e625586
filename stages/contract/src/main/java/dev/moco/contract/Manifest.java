package dev.moco.contract;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Manifest of an artifact. Writing it commits the stage: it is written last, and never overwritten.
 *
 * @param version {@link ArtifactKey#CONTRACT_VERSION}
 * @param stage stage of the artifact
 * @param key the stage's key
 * @param config the stage's configuration
 * @param inputs the stage's inputs by role
 * @param files files of the result; for the same key, their bytes are the same on the same kind of processor
 * @param logs curves, drawings and timings; verified, but not part of the digest, since they contain times
 * @param result metrics of the stage
 * @param provenance times, versions and hardware
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

    /** SHA-256 of the paths, sizes and SHA-256 of {@link #files}; part of the keys of the stages that use them. */
    @JsonIgnore
    public String digest() {
        return Sha256.of(CanonicalJson.bytes(files));
    }

    /** Reference to this artifact. */
    @JsonIgnore
    public ArtifactRef ref() {
        return new ArtifactRef(stage, key, digest());
    }

    /**
     * A file of the artifact.
     *
     * @param path path below the stage's prefix
     * @param size size in bytes
     * @param sha256 SHA-256 in lower-case hex
     */
    public record FileEntry(String path, long size, String sha256) {}
}
