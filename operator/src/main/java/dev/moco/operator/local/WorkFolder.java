package dev.moco.operator.local;

import dev.moco.artifacts.FileTree;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
        return root.resolve("logs").resolve(experiment).resolve(task + ".log");
    }

    public Path termination(String experiment, String task) {
        return root.resolve("logs").resolve(experiment).resolve(task + ".termination.json");
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

    /**
     * Locks the folder against other runs until closed, or until this process ends.
     *
     * @throws StageFailure fault, if another run holds the folder or it cannot be written
     */
    public Lock lock() {
        try {
            Files.createDirectories(root);
            FileChannel channel =
                    FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw StageFailure.fault("another `moco run` works in " + root
                        + "; wait for it, stop it, or choose another folder with --work");
            }
            return channel::close;
        } catch (IOException e) {
            throw StageFailure.fault("cannot write the work folder " + root + ": " + e.getMessage(), e);
        }
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
