package dev.moco.artifacts;

import dev.moco.contract.ArtifactKey;
import dev.moco.contract.ArtifactRef;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.Progress;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Artifacts in an object store. Files are uploaded first; writing the manifest commits the artifact (docs/design.md
 * §6).
 */
public record ArtifactStore(ObjectStore objects) {
    static final String MANIFEST = "manifest.json";

    /**
     * Reads the manifest of a stage; empty if the stage is not committed.
     *
     * @throws StageFailure bad data if the object is not a manifest of that stage and key
     */
    public Optional<Manifest> manifest(Stage stage, String key) throws IOException {
        String name = ArtifactKey.prefix(stage, key) + MANIFEST;
        Optional<byte[]> bytes = objects.get(name);
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        Manifest manifest;
        try {
            manifest = CanonicalJson.read(bytes.get(), Manifest.class);
        } catch (UncheckedIOException e) {
            throw StageFailure.badData(
                    name + " in " + objects.place() + " is " + e.getMessage() + "; delete it to run the stage again",
                    e);
        }
        if (manifest.stage() != stage || !manifest.key().equals(key)) {
            throw StageFailure.badData(name + " in " + objects.place() + " is of "
                    + manifest.stage().id() + " " + manifest.key() + "; delete it to run the stage again");
        }
        return Optional.of(manifest);
    }

    /** Returns whether the artifact under a stage's key is absent, intact or damaged. */
    public ArtifactStatus status(Stage stage, String key) throws IOException {
        try {
            Optional<Manifest> manifest = manifest(stage, key);
            if (manifest.isEmpty()) {
                return ArtifactStatus.ABSENT;
            }
            Optional<String> damage = damage(manifest.get());
            return damage.isPresent()
                    ? new ArtifactStatus.Damaged(damage.get())
                    : new ArtifactStatus.Intact(manifest.get());
        } catch (StageFailure e) {
            if (e.exitCode() != ExitCode.BAD_DATA) {
                throw e;
            }
            return new ArtifactStatus.Damaged(String.valueOf(e.getMessage()));
        }
    }

    /** Describes the first file of a manifest that is missing or has another size; empty if there is none. */
    public Optional<String> damage(Manifest manifest) throws IOException {
        String prefix = ArtifactKey.prefix(manifest.stage(), manifest.key());
        for (FileEntry file : manifest.files()) {
            Optional<Long> size = objects.size(prefix + file.path());
            if (size.isEmpty()) {
                return Optional.of(file.path() + " is missing");
            }
            if (size.get() != file.size()) {
                return Optional.of(file.path() + " has " + size.get() + " bytes instead of " + file.size());
            }
        }
        return Optional.empty();
    }

    /**
     * Opens a committed artifact.
     *
     * @param cache local folder for verified copies, by SHA-256
     * @throws StageFailure bad data if it is not committed, or its digest is not that of the reference
     */
    public ArtifactReader reader(ArtifactRef input, Path cache) throws IOException {
        Manifest manifest = manifest(input.stage(), input.key())
                .orElseThrow(() -> StageFailure.badData(
                        "input " + input.stage().id() + " " + input.key() + " is not committed in " + objects.place()));
        if (!manifest.digest().equals(input.digest())) {
            throw StageFailure.badData("input " + input.stage().id() + " " + input.key() + " has digest "
                    + manifest.digest() + " instead of " + input.digest());
        }
        return reader(manifest, cache);
    }

    /** Opens the artifact of a manifest. */
    public ArtifactReader reader(Manifest manifest, Path cache) {
        return new StoredArtifact(objects, manifest, cache);
    }

    /** Uploads a file of an artifact, before it is committed. */
    public void upload(Stage stage, String key, String path, Path file) throws IOException {
        objects.upload(ArtifactKey.prefix(stage, key) + path, file);
    }

    /**
     * Commits an artifact whose files are uploaded. If another process committed the same result before, that commit
     * remains.
     *
     * @return the committed manifest
     * @throws StageFailure fault if another process committed a different result under the same key
     */
    public Manifest commit(Manifest manifest) throws IOException {
        String name = ArtifactKey.prefix(manifest.stage(), manifest.key()) + MANIFEST;
        if (objects.putIfAbsent(name, CanonicalJson.bytes(manifest))) {
            return manifest;
        }
        Manifest first = manifest(manifest.stage(), manifest.key()).orElse(manifest);
        if (!first.digest().equals(manifest.digest())) {
            throw StageFailure.fault(name + " in " + objects.place() + " was committed by another process with digest "
                    + first.digest() + ", ours is " + manifest.digest());
        }
        return first;
    }

    public Checkpoints checkpoints(Stage stage, String key) {
        return new Checkpoints(objects, ArtifactKey.prefix(stage, key) + "checkpoints/");
    }

    /** Reads the progress of a running stage; empty before its first report. */
    public Optional<Progress> progress(Stage stage, String key) throws IOException {
        try {
            return objects.get(ArtifactKey.prefix(stage, key) + Progress.FILE)
                    .map(bytes -> CanonicalJson.read(bytes, Progress.class));
        } catch (UncheckedIOException e) {
            return Optional.empty(); // written by another version; the next report replaces it
        }
    }

    public void report(Stage stage, String key, Progress progress) throws IOException {
        objects.put(ArtifactKey.prefix(stage, key) + Progress.FILE, CanonicalJson.bytes(progress));
    }

    /** Computes the manifest entries of local files. */
    public static List<FileEntry> entries(Map<String, Path> files) throws IOException {
        List<FileEntry> entries = new ArrayList<>();
        for (Map.Entry<String, Path> file : files.entrySet()) {
            entries.add(VerifiedFiles.entry(file.getKey(), file.getValue()));
        }
        return entries;
    }
}
