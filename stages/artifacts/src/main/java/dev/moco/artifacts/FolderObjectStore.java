package dev.moco.artifacts;

import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Objects as files of a folder, in the layout of {@link EmbeddedS3}. Symbolic links are followed, as data sets are often
 * made of them.
 */
public final class FolderObjectStore implements ObjectStore {
    private static final Logger LOG = LoggerFactory.getLogger(FolderObjectStore.class);
    private static final String TEMPORARY = ".tmp";
    /** Names of a folder that a listing keeps in memory: about 10 MB. */
    private static final int NAMES = 50_000;

    private final Path folder;
    private final Predicate<String> unused;

    public FolderObjectStore(Path folder) {
        this(folder, name -> false);
    }

    /** @param unused names of subfolders that a listing passes over if it cannot read them */
    FolderObjectStore(Path folder, Predicate<String> unused) {
        this.folder = folder.toAbsolutePath().normalize();
        this.unused = unused;
    }

    @Override
    public String place() {
        return folder.toString();
    }

    private Path path(String key) {
        Path path = folder.resolve(key).normalize();
        if (!path.startsWith(folder)) {
            throw StageFailure.badData("key \"" + key + "\" leads out of " + folder);
        }
        return path;
    }

    @Override
    public Optional<byte[]> get(String key, int maxBytes) throws IOException {
        try (InputStream in = Files.newInputStream(path(key))) {
            byte[] bytes = in.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                throw BoundedBody.tooLarge(key + " in " + place(), Files.size(path(key)), maxBytes);
            }
            return Optional.of(bytes);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<Long> size(String key) throws IOException {
        Path path = path(key);
        return Files.isRegularFile(path) ? Optional.of(Files.size(path)) : Optional.empty();
    }

    @Override
    public byte[] range(String key, long offset, int length) throws IOException {
        Path path = path(key);
        if (leadsNowhere(path)) {
            throw StageFailure.badData(path + " is a symbolic link to a file that does not exist");
        }
        try (FileChannel channel = FileChannel.open(path)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.max(0, Math.min(length, channel.size() - offset)));
            while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {
                // read until the buffer is full
            }
            return bytes.array();
        }
    }

    @Override
    public InputStream open(String key) throws IOException {
        return Files.newInputStream(path(key));
    }

    @Override
    public void put(String key, byte[] bytes) throws IOException {
        Path path = path(key);
        Path temporary = temporary(path);
        Files.write(temporary, bytes);
        Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public boolean putIfAbsent(String key, byte[] bytes) throws IOException {
        Path path = path(key);
        Path temporary = temporary(path);
        Files.write(temporary, bytes);
        try {
            // Creating a link is atomic, and fails if the file exists.
            Files.createLink(path, temporary);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } finally {
            Files.delete(temporary);
        }
    }

    private static Path temporary(Path path) throws IOException {
        Files.createDirectories(path.getParent());
        return path.resolveSibling("." + UUID.randomUUID() + TEMPORARY);
    }

    @Override
    public void upload(String key, Path file) throws IOException {
        Path path = path(key);
        Path temporary = temporary(path);
        Files.copy(file, temporary);
        Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void list(String prefix, Consumer<StoredObject> each) throws IOException {
        if (Files.isDirectory(folder)) {
            list("", prefix, each);
        }
    }

    /** Lists a subfolder, named with its slash. Keeps a part of its names at a time, since it may have millions. */
    private void list(String subfolder, String prefix, Consumer<StoredObject> each) throws IOException {
        String after = "";
        NavigableSet<String> names;
        do {
            names = names(subfolder, after);
            for (String name : names) {
                String key = subfolder + name;
                if (name.endsWith("/")) {
                    listSubfolder(key, prefix, each);
                } else if (key.startsWith(prefix) && !key.endsWith(TEMPORARY)) {
                    each.accept(object(key));
                }
                after = name;
            }
        } while (names.size() == NAMES);
    }

    private void listSubfolder(String subfolder, String prefix, Consumer<StoredObject> each) throws IOException {
        Path path = path(subfolder);
        boolean passable = unused.test(subfolder.substring(0, subfolder.length() - 1));
        if (isLoop(path)) {
            if (!passable) {
                throw StageFailure.badData(
                        path + " is a symbolic link to " + path.toRealPath() + ", in which it is itself");
            }
            LOG.warn("passed over a symbolic link to a folder in which it is, folder={}", path);
            return;
        }
        try {
            list(subfolder, prefix, each);
        } catch (AccessDeniedException e) {
            // A volume's own folders, such as lost+found of ext4, belong to root.
            if (!passable || !path.toString().equals(e.getFile())) {
                throw e;
            }
            LOG.warn("passed over a folder without permission to read it, folder={}", path);
        }
    }

    private boolean isLoop(Path subfolder) throws IOException {
        if (!Files.isSymbolicLink(subfolder)) {
            return false;
        }
        Path target = subfolder.toRealPath();
        for (Path above = subfolder.getParent(); above != null && above.startsWith(folder); above = above.getParent()) {
            if (above.toRealPath().equals(target)) {
                return true;
            }
        }
        return false;
    }

    /** The next {@link #NAMES} names of a subfolder; those of folders end with a slash, so that keys are in order. */
    private NavigableSet<String> names(String subfolder, String after) throws IOException {
        NavigableSet<String> names = new TreeSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path(subfolder))) {
            for (Path entry : entries) {
                boolean isFolder = Files.isDirectory(entry);
                String name = entry.getFileName() + (isFolder ? "/" : "");
                if (name.compareTo(after) > 0 && (isFolder || isFile(entry))) {
                    names.add(name);
                    if (names.size() > NAMES) {
                        names.pollLast();
                    }
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    /** A link that leads nowhere is a file, too, which is refused when it is read. */
    private static boolean isFile(Path entry) {
        return Files.isRegularFile(entry) || leadsNowhere(entry);
    }

    private static boolean leadsNowhere(Path path) {
        return Files.isSymbolicLink(path) && Files.notExists(path);
    }

    private StoredObject object(String key) throws IOException {
        Path path = path(key);
        if (leadsNowhere(path)) {
            return new StoredObject(key, 0, "link", Instant.MAX);
        }
        Instant changed = Files.getLastModifiedTime(path).toInstant();
        return new StoredObject(key, Files.size(path), Long.toString(changed.toEpochMilli()), changed);
    }

    @Override
    public Optional<StoredObject> find(String key) throws IOException {
        return Files.isRegularFile(path(key)) ? Optional.of(object(key)) : Optional.empty();
    }

    /**
     * {@inheritDoc} What a link to another folder leads to is not the store's.
     *
     * @throws StageFailure bad data if the object is reached by such a link
     */
    @Override
    public void delete(String key) throws IOException {
        Path path = path(key);
        Path parent = Objects.requireNonNull(path.getParent());
        if (Files.isDirectory(parent) && !parent.toRealPath().startsWith(folder.toRealPath())) {
            throw StageFailure.badData(path + " is not deleted: a symbolic link leads out of " + folder);
        }
        Files.deleteIfExists(path);
    }

    @Override
    public void close() {}
}
