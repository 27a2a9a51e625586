package dev.moco.artifacts;

import dev.moco.contract.ArtifactKey;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finished parts of an artifact, such as shards, which are in the store before its commit, so that a stage that is
 * restarted does not make them again. The files of a part are uploaded first, under names unique to their content; its
 * record, written after them, says that they are there. Records remain after the commit: if a file of the artifact is lost
 * later, only its part is made again.
 *
 * <p>Two processes may store the same part: the files of neither are overwritten, and the last record remains.
 */
public final class StoredParts {
    private static final Logger LOG = LoggerFactory.getLogger(StoredParts.class);

    /** Folder of records below the prefix of a stage. */
    static final String FOLDER = "parts/";

    private final ArtifactStore store;
    private final Stage stage;
    private final String key;

    StoredParts(ArtifactStore store, Stage stage, String key) {
        this.store = store;
        this.stage = stage;
        this.key = key;
    }

    /** Uploads files of a part, by path in the artifact; returns their entries for the record and for the manifest. */
    public List<FileEntry> upload(Map<String, Path> files) throws IOException {
        return store.upload(stage, key, files);
    }

    /** Writes the record of a part whose files are uploaded; one that is too large to be read again is left out. */
    public void put(String part, Object record) throws IOException {
        byte[] bytes = CanonicalJson.bytes(record);
        if (bytes.length > ObjectStore.METADATA_BYTES) {
            LOG.warn("no record of part={}, which would have {} bytes: a restart makes it again", part, bytes.length);
        } else {
            store.objects().put(name(part), bytes);
        }
    }

    /**
     * Reads the record of a part; empty if there is none that can be read, such as a torn one or that of another version.
     * Its content is untrusted: the caller checks it.
     */
    public <T> Optional<T> find(String part, Class<T> type) throws IOException {
        try {
            return store.objects().get(name(part)).map(bytes -> CanonicalJson.read(bytes, type));
        } catch (UncheckedIOException e) {
            return ignored(part, String.valueOf(e.getMessage()));
        } catch (StageFailure e) {
            if (e.exitCode() != ExitCode.BAD_DATA) {
                throw e;
            }
            return ignored(part, String.valueOf(e.getMessage()));
        }
    }

    private static <T> Optional<T> ignored(String part, String reason) {
        LOG.warn("the record of part={} is ignored: {}", part, reason);
        return Optional.empty();
    }

    /** Returns whether the object of a file is there and has the file's size. */
    public boolean holds(FileEntry file) throws IOException {
        return store.objects()
                .size(ArtifactKey.prefix(stage, key) + file.object())
                .filter(size -> size == file.size())
                .isPresent();
    }

    /** Bytes of all files that are stored, whether their part has a record or not. */
    public long bytes() throws IOException {
        AtomicLong bytes = new AtomicLong();
        store.objects()
                .list(ArtifactKey.prefix(stage, key) + FileEntry.OBJECTS, object -> bytes.addAndGet(object.size()));
        return bytes.get();
    }

    private String name(String part) {
        return ArtifactKey.prefix(stage, key) + FOLDER + part + ".json";
    }
}
