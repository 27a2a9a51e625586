package dev.moco.artifacts;

import dev.moco.contract.ArtifactKey;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A committed artifact, whose files are copied at first use to a cache that names them by SHA-256. A copy of an earlier
 * process is hashed before its first use, and replaced if it was altered.
 */
final class StoredArtifact implements ArtifactReader {
    private final ObjectStore objects;
    private final Manifest manifest;
    private final Map<String, FileEntry> entries;
    private final String prefix;
    private final Path cache;
    private final CacheSpace space;
    /** SHA-256 of the copies that were hashed by this process. */
    private final Set<String> verified = ConcurrentHashMap.newKeySet();

    StoredArtifact(ObjectStore objects, Manifest manifest, Path cache, CacheSpace space) {
        this.objects = objects;
        this.manifest = manifest;
        this.entries = manifest.all().stream().collect(Collectors.toMap(FileEntry::path, Function.identity()));
        this.prefix = ArtifactKey.prefix(manifest.stage(), manifest.key());
        this.cache = cache;
        this.space = space;
    }

    @Override
    public Manifest manifest() {
        return manifest;
    }

    @Override
    public Path file(String path) throws IOException {
        FileEntry entry = entry(path);
        Path copy = copy(entry);
        if (!cached(entry, copy)) {
            download(entry, copy);
            verified.add(entry.sha256());
        }
        return copy;
    }

    @Override
    public Optional<Path> fileIfRoom(String path) throws IOException {
        FileEntry entry = entry(path);
        Path copy = copy(entry);
        boolean counted = verified.contains(entry.sha256());
        if (cached(entry, copy)) {
            if (!counted) {
                space.found(entry.size());
            }
            return Optional.of(copy);
        }
        if (!space.claim(entry.size())) {
            return Optional.empty();
        }
        boolean written = false;
        try {
            download(entry, copy);
            verified.add(entry.sha256());
            written = true;
        } finally {
            if (written) {
                space.written(entry.size());
            } else {
                space.failed(entry.size());
            }
        }
        return Optional.of(copy);
    }

    private void download(FileEntry entry, Path copy) throws IOException {
        String name = prefix + manifest.object(entry);
        try {
            VerifiedFiles.download(objects, name, entry, copy);
        } catch (NoSuchFileException e) {
            throw StageFailure.badData(
                    name + " in " + objects.place() + " is missing; committed were " + entry.size() + " bytes", e);
        }
    }

    @Override
    public ByteBuffer range(String path, long offset, int length) throws IOException {
        FileEntry entry = entry(path);
        Path copy = copy(entry);
        // A copy that nobody has hashed as yet is not used: hashing it takes longer than a request.
        if (!verified.contains(entry.sha256()) || !cached(entry, copy)) {
            return ByteBuffer.wrap(objects.range(prefix + manifest.object(entry), offset, length));
        }
        try (FileChannel channel = FileChannel.open(copy)) {
            ByteBuffer bytes = ByteBuffer.allocate(length);
            while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {
                // read until the buffer is full or the file ends
            }
            return bytes.flip();
        }
    }

    private FileEntry entry(String path) {
        FileEntry entry = entries.get(path);
        if (entry == null) {
            throw StageFailure.badData(manifest.stage().id() + " " + manifest.key() + " in " + objects.place()
                    + " has no file " + path + "; it has "
                    + entries.keySet().stream().sorted().limit(20).collect(Collectors.joining(", ")));
        }
        return entry;
    }

    private Path copy(FileEntry entry) {
        return cache.resolve(entry.sha256().substring(0, 2)).resolve(entry.sha256());
    }

    /** Returns whether there is a copy with the right bytes. Its SHA-256 is computed once. */
    private boolean cached(FileEntry entry, Path copy) throws IOException {
        if (verified.contains(entry.sha256())) {
            return Files.isRegularFile(copy) && Files.size(copy) == entry.size();
        }
        return VerifiedFiles.intact(entry, copy) && verified.add(entry.sha256());
    }
}
