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
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Artifacts in an object store. Files are uploaded first; writing the manifest commits the artifact (docs/design.md
 * §6).
 */
public record ArtifactStore(ObjectStore objects) {
    static final String MANIFEST = "manifest.json";
    /** Attempts to commit while a server answers that another writer is committing, but shows no manifest. */
    private static final int COMMIT_ATTEMPTS = 4;

    private static final long FIRST_PAUSE_MILLIS = 200;

    /**
     * Reads the manifest of a stage; empty if the stage is not committed. That its key is the one of its configuration
     * and inputs catches mistakes, not forgery: who can write to a store can write any result.
     *
     * @throws StageFailure bad data if the object is too large, or not a manifest of that stage and key
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
        String computed = ArtifactKey.of(manifest.config(), manifest.inputs());
        if (manifest.config().stage() != stage || !computed.equals(key)) {
            throw StageFailure.badData(name + " in " + objects.place() + " has a configuration and inputs with key "
                    + computed + "; delete it to run the stage again");
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
        StoredSizes sizes = StoredSizes.of(objects, manifest);
        for (FileEntry file : manifest.files()) {
            Optional<Long> size = sizes.of(manifest.object(file));
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
     * @param space room for large files in that folder
     * @throws StageFailure bad data if it is not committed, or its digest is not that of the reference
     */
    public ArtifactReader reader(ArtifactRef input, Path cache, CacheSpace space) throws IOException {
        Manifest manifest = manifest(input.stage(), input.key())
                .orElseThrow(() -> StageFailure.badData(
                        "input " + input.stage().id() + " " + input.key() + " is not committed in " + objects.place()));
        if (!manifest.digest().equals(input.digest())) {
            throw StageFailure.badData("input " + input.stage().id() + " " + input.key() + " has digest "
                    + manifest.digest() + " instead of " + input.digest());
        }
        return new StoredArtifact(objects, manifest, cache, space);
    }

    /** Does the same with as much room as the cache's disk has. */
    public ArtifactReader reader(ArtifactRef input, Path cache) throws IOException {
        return reader(input, cache, CacheSpace.of(cache, OptionalLong.empty()));
    }

    /** Opens the artifact of a manifest. */
    public ArtifactReader reader(Manifest manifest, Path cache) {
        return new StoredArtifact(objects, manifest, cache, CacheSpace.of(cache, OptionalLong.empty()));
    }

    /**
     * Uploads files of an artifact before it is committed, under names unique to their content.
     *
     * @param files local files by path in the artifact
     * @return their entries for the manifest
     */
    public List<FileEntry> upload(Stage stage, String key, Map<String, Path> files) throws IOException {
        List<FileEntry> entries = new ArrayList<>();
        for (Map.Entry<String, Path> file : files.entrySet()) {
            FileEntry entry = VerifiedFiles.entry(file.getKey(), file.getValue());
            objects.upload(ArtifactKey.prefix(stage, key) + entry.object(), file.getValue());
            entries.add(entry);
        }
        return entries;
    }

    /**
     * Commits an artifact whose files are uploaded, and reads the manifest back. If another process committed the same
     * result before, that commit remains; one that is {@linkplain #damage damaged} is replaced.
     *
     * @return the committed manifest
     * @throws StageFailure fault if another process committed a different result under the same key, or the server
     *     accepts no manifest and shows none
     */
    public Manifest commit(Manifest manifest) throws IOException {
        String name = ArtifactKey.prefix(manifest.stage(), manifest.key()) + MANIFEST;
        byte[] bytes = CanonicalJson.bytes(manifest);
        if (bytes.length > ObjectStore.METADATA_BYTES) {
            throw StageFailure.badData(
                    name + " would have " + bytes.length + " bytes; allowed are at most " + ObjectStore.METADATA_BYTES);
        }
        Manifest committed = commitIfAbsent(manifest, name, bytes);
        if (!committed.equals(manifest) && damage(committed).isPresent()) {
            objects.put(name, bytes);
            committed = commitIfAbsent(manifest, name, bytes);
        }
        if (!committed.digest().equals(manifest.digest())) {
            throw StageFailure.fault(name + " in " + objects.place() + " was committed by another process with digest "
                    + committed.digest() + ", ours is " + manifest.digest());
        }
        return committed;
    }

    /** Writes a manifest unless there is one; returns what is there then. */
    private Manifest commitIfAbsent(Manifest manifest, String name, byte[] bytes) throws IOException {
        for (int attempt = 0; attempt < COMMIT_ATTEMPTS; attempt++) {
            if (attempt > 0) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(FIRST_PAUSE_MILLIS << attempt));
            }
            objects.putIfAbsent(name, bytes);
            Optional<Manifest> committed = manifest(manifest.stage(), manifest.key());
            if (committed.isPresent()) {
                return committed.get();
            }
        }
        throw StageFailure.fault(name + " in " + objects.place()
                + " was not accepted, as another process is writing it, but there is none");
    }

    /**
     * Lists keys under which a stage has a manifest, in their order.
     *
     * @param most number of keys after which the others are left out
     */
    public List<String> committed(Stage stage, int most) throws IOException {
        List<String> keys = new ArrayList<>();
        // Prefix, key, and the manifest beside the files.
        String prefix = "v" + ArtifactKey.CONTRACT_VERSION + "/stages/" + stage.id() + "/";
        Pattern manifest = Pattern.compile(Pattern.quote(prefix) + "([0-9a-f]{64})/" + Pattern.quote(MANIFEST));
        objects.list(prefix, object -> {
            Matcher matcher = manifest.matcher(object.key());
            if (keys.size() < most && matcher.matches()) {
                keys.add(matcher.group(1));
            }
        });
        return keys;
    }

    public Checkpoints checkpoints(Stage stage, String key) {
        return new Checkpoints(objects, ArtifactKey.prefix(stage, key) + Checkpoints.FOLDER);
    }

    /** Parts of an artifact that are stored before it is committed. */
    public StoredParts parts(Stage stage, String key) {
        return new StoredParts(this, stage, key);
    }

    /** Reads the progress of a running stage; empty before its first report, and for anything else than a report. */
    public Optional<Progress> progress(Stage stage, String key) throws IOException {
        try {
            return objects.get(ArtifactKey.prefix(stage, key) + Progress.FILE)
                    .map(bytes -> CanonicalJson.read(bytes, Progress.class).bounded());
        } catch (UncheckedIOException e) {
            return Optional.empty(); // written by another version; the next report replaces it
        } catch (StageFailure e) {
            if (e.exitCode() != ExitCode.BAD_DATA) {
                throw e;
            }
            return Optional.empty(); // too large; the store itself has no fault
        }
    }

    public void report(Stage stage, String key, Progress progress) throws IOException {
        objects.put(ArtifactKey.prefix(stage, key) + Progress.FILE, CanonicalJson.bytes(progress));
    }
}
