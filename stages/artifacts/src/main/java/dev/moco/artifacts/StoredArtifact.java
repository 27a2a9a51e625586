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
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A committed artifact, whose files are copied at first use to a cache that names them by SHA-256. */
final class StoredArtifact implements ArtifactReader {
    private final ObjectStore objects;
    private final Manifest manifest;
    private final Map<String, FileEntry> entries;
    private final String prefix;
    private final Path cache;

    StoredArtifact(ObjectStore objects, Manifest manifest, Path cache) {
        this.objects = objects;
        this.manifest = manifest;
        this.entries = Stream.concat(manifest.files().stream(), manifest.logs().stream())
                .collect(Collectors.toMap(FileEntry::path, Function.identity()));
        this.prefix = ArtifactKey.prefix(manifest.stage(), manifest.key());
        this.cache = cache;
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
            download(path, entry, copy);
        }
        return copy;
    }

    private void download(String path, FileEntry entry, Path copy) throws IOException {
        try {
            VerifiedFiles.download(objects, prefix + path, entry, copy);
        } catch (NoSuchFileException e) {
            throw StageFailure.badData(
                    prefix + path + " in " + objects.place() + " is missing; committed were " + entry.size() + " bytes",
                    e);
        }
    }

    @Override
    public ByteBuffer range(String path, long offset, int length) throws IOException {
        FileEntry entry = entry(path);
        Path copy = copy(entry);
        if (!cached(entry, copy)) {
            return ByteBuffer.wrap(objects.range(prefix + path, offset, length));
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

    /** Returns whether there is a copy. Copies are created atomically; one with another size was damaged later. */
    private static boolean cached(FileEntry entry, Path copy) throws IOException {
        return Files.isRegularFile(copy) && Files.size(copy) == entry.size();
    }
}
