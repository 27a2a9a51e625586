package dev.moco.operator.cluster;

import dev.moco.contract.StageFailure;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A cluster in a process of its own, which goes on when the command that started it has ended. */
public final class DetachedCluster {
    private static final Duration START = Duration.ofMinutes(6);
    private static final long GRACE_SECONDS = 90;
    private static final long POLL_MILLIS = 50;

    private final ClusterFolder folder;

    public DetachedCluster(ClusterFolder folder) {
        this.folder = folder;
    }

    /** Whether it can be used. */
    public boolean up() throws IOException {
        return ClusterLock.isReady(folder);
    }

    /**
     * Starts it and waits until it can be used.
     *
     * @param java command that runs {@link LocalCluster#serve}
     */
    public void start(List<String> java) throws IOException, InterruptedException {
        PrivateFiles.folder(folder.root());
        Files.createDirectories(folder.logs());
        Path log = folder.log("cluster");
        List<String> command = new ArrayList<>();
        // Out of reach of the terminal's Ctrl-C and hang-up.
        command.add(Files.isExecutable(Path.of("/usr/bin/setsid")) ? "setsid" : "nohup");
        command.addAll(java);
        Instant deadline = Instant.now().plus(START);
        // Somebody else's may be starting right now.
        ProcessHandle process = ClusterLock.holder(folder).orElse(null);
        if (process == null) {
            process = new ProcessBuilder(command)
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start()
                    .toHandle();
        }
        while (!up()) {
            if (!process.isAlive()) {
                throw StageFailure.fault(
                        "the cluster did not start, log in " + log + "\n" + ServerProcess.tail(log, 2000));
            }
            if (Instant.now().isAfter(deadline)) {
                process.destroy();
                throw StageFailure.fault(
                        "the cluster is not up after " + START.toSeconds() + " s; logs in " + folder.logs());
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** Stops it and keeps its state; false if it is not up. */
    public boolean stop() throws IOException, InterruptedException {
        Optional<ProcessHandle> holder = ClusterLock.holder(folder);
        if (holder.isEmpty()) {
            return false;
        }
        holder.get().destroy();
        try {
            holder.get().onExit().get(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            // Its children end with it, as their standard input closes.
            holder.get().destroyForcibly();
            holder.get().onExit().join();
        } catch (ExecutionException e) {
            throw new AssertionError("waiting for a process fails for no reason", e);
        }
        return true;
    }

    /**
     * Deletes all that it kept.
     *
     * @throws StageFailure bad configuration, if the folder is not a cluster's
     */
    public void delete() throws IOException {
        if (!Files.exists(folder.root())) {
            return;
        }
        if (!Files.exists(folder.tokens()) && !Files.exists(folder.root().resolve("lock"))) {
            throw StageFailure.badConfig(folder.root() + " holds no cluster; nothing is deleted");
        }
        PrivateFiles.delete(folder.root());
    }
}
