package dev.moco.operator.local;

import dev.moco.artifacts.FileTree;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Folder of all local files, {@code .moco} by default: artifacts, cache, logs, reports. */
public record WorkFolder(Path root) {
    public WorkFolder {
        root = root.toAbsolutePath().normalize();
    }

    /** Objects of the embedded S3. */
    public Path store() {
        return root.resolve("s3");
    }

    /** Verified copies of artifacts; may be deleted at any time. */
    public Path cache() {
        return root.resolve("cache");
    }

    public Path log(String experiment, String task) {
        return logs(experiment).resolve(task + ".log");
    }

    public Path termination(String experiment, String task) {
        return logs(experiment).resolve(task + ".termination.json");
    }

    /** Logs of an experiment's stages. */
    public Path logs(String experiment) {
        return root.resolve("logs").resolve(experiment);
    }

    /** Tables of sweeps. */
    public Path sweeps() {
        return root.resolve("sweeps");
    }

    /** Status and reports of an experiment. */
    public Path reports(String experiment) {
        return root.resolve("reports").resolve(experiment);
    }

    /** Deletes the scratch folders of stages that were killed; only while {@link #lock} is held. */
    public void sweep() throws IOException {
        if (!Files.isDirectory(cache())) {
            return;
        }
        List<Path> left;
        try (Stream<Path> folders = Files.list(cache())) {
            // Verified copies are in folders named by two digits of their SHA-256.
            left = folders.filter(folder -> !folder.getFileName().toString().matches("[0-9a-f]{2}"))
                    .toList();
        }
        for (Path folder : left) {
            FileTree.delete(folder);
        }
    }

    /** Deletes folders of the store in which nothing is; only while {@link #lock} is held. */
    public void deleteEmptyFolders() throws IOException {
        if (!Files.isDirectory(store())) {
            return;
        }
        List<Path> folders;
        try (Stream<Path> walk = Files.walk(store())) {
            folders = walk.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .filter(path -> path.getNameCount() > store().getNameCount() + 1)
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
        for (Path folder : folders) {
            boolean empty;
            try (Stream<Path> inside = Files.list(folder)) {
                empty = inside.findAny().isEmpty();
            }
            if (empty) {
                Files.delete(folder);
            }
        }
    }

    /**
     * Locks the folder against other runs until closed, or until this process ends.
     *
     * @throws StageFailure fault, if another run holds the folder or it cannot be written
     */
    public Lock lock() {
        try {
            Files.createDirectories(root);
            FileChannel channel = FileChannel.open(lockFile(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw StageFailure.fault("another `moco run` works in " + root
                        + "; wait for it, stop it, or choose another folder with --work");
            }
            write(channel, Long.toString(ProcessHandle.current().pid()));
            return () -> {
                write(channel, "");
                channel.close();
            };
        } catch (IOException e) {
            throw StageFailure.fault("cannot write the work folder " + root + ": " + e.getMessage(), e);
        }
    }

    private static void write(FileChannel channel, String text) throws IOException {
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
    }

    /** True while a run works in the folder: its process is named in the lock's file, which asking does not lock. */
    public boolean isRunning() throws IOException {
        try {
            String pid = Files.readString(lockFile());
            return pid.matches("[0-9]{1,18}")
                    && ProcessHandle.of(Long.parseLong(pid))
                            .filter(ProcessHandle::isAlive)
                            .isPresent();
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private Path lockFile() {
        return root.resolve("lock");
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // held by this process
        }
    }

    /** Held until closed. */
    public interface Lock extends AutoCloseable {
        @Override
        void close() throws IOException;
    }
}
