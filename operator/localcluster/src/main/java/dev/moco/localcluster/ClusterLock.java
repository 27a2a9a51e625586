package dev.moco.localcluster;

import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The lock of a running cluster, and the process that holds it. The system releases the lock when that process ends,
 * however it ends, so that the files left by a crash are never taken for a running cluster.
 */
final class ClusterLock implements AutoCloseable {
    private final FileChannel channel;
    private final Path ready;

    private ClusterLock(FileChannel channel, Path ready) {
        this.channel = channel;
        this.ready = ready;
    }

    /** Acquires the lock of a folder. */
    static ClusterLock acquire(ClusterFolder folder) throws IOException {
        PrivateFiles.folder(folder.root());
        FileChannel channel = FileChannel.open(file(folder), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (tryLock(channel) == null) {
            channel.close();
            throw StageFailure.fault("a cluster is up in " + folder.root() + " already");
        }
        Files.deleteIfExists(ready(folder));
        ProcessHandle self = ProcessHandle.current();
        channel.truncate(0);
        channel.write(ByteBuffer.wrap((self.pid() + " " + started(self)).getBytes(StandardCharsets.UTF_8)));
        channel.force(true);
        return new ClusterLock(channel, ready(folder));
    }

    private static Path file(ClusterFolder folder) {
        return folder.root().resolve("lock");
    }

    private static Path ready(ClusterFolder folder) {
        return folder.root().resolve("ready");
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // held by this process
        }
    }

    private static long started(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    /** Marks the cluster as ready. */
    void ready() throws IOException {
        Files.writeString(ready, "");
    }

    /** Returns whether a folder's cluster is ready. */
    static boolean isReady(ClusterFolder folder) throws IOException {
        return Files.exists(ready(folder)) && holder(folder).isPresent();
    }

    /** The process that runs a folder's cluster; never another process that was given the same id later. */
    static Optional<ProcessHandle> holder(ClusterFolder folder) throws IOException {
        if (!Files.exists(file(folder))) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(file(folder), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (tryLock(channel) != null) {
                return Optional.empty(); // not held; closing the channel releases it again
            }
        }
        String[] words = Files.readString(file(folder)).split(" ", -1);
        return words.length == 2
                ? ProcessHandle.of(Long.parseLong(words[0]))
                        .filter(process -> started(process) == Long.parseLong(words[1]))
                : Optional.empty();
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(ready);
        channel.close();
    }
}
