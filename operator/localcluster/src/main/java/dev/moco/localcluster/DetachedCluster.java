package dev.moco.localcluster;

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

/** A cluster in a process of its own, which continues after the command that started it. */
public final class DetachedCluster {
    private static final Duration START = Duration.ofMinutes(6);
    private static final long GRACE_SECONDS = 90;
    private static final long POLL_MILLIS = 50;

    private final ClusterFolder folder;

    public DetachedCluster(ClusterFolder folder) {
        this.folder = folder;
    }

    /** Returns whether the cluster is ready. */
    public boolean up() throws IOException {
        return ClusterLock.isReady(folder);
    }

    /**
     * Starts the cluster and waits until it is ready.
     *
     * @param java command that runs {@link LocalCluster#serve}
     */
    public void start(List<String> java) throws IOException, InterruptedException {
        PrivateFiles.folder(folder.root());
        Files.createDirectories(folder.logs());
        Path log = folder.log("cluster");
        List<String> command = new ArrayList<>();
        // In another session, so that neither Ctrl-C nor closing the terminal ends it.
        command.add(Files.isExecutable(Path.of("/usr/bin/setsid")) ? "setsid" : "nohup");
        command.addAll(java);
        Instant deadline = Instant.now().plus(START);
        // Another process may be starting the cluster at the moment.
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

    /** Stops the cluster and keeps its state; returns false if it is not up. */
    public boolean stop() throws IOException, InterruptedException {
        Optional<ProcessHandle> holder = ClusterLock.holder(folder);
        if (holder.isEmpty()) {
            return false;
        }
        holder.get().destroy();
        try {
            holder.get().onExit().get(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            // Its child processes end when their standard input closes.
            holder.get().destroyForcibly();
            holder.get().onExit().join();
        } catch (ExecutionException e) {
            throw new AssertionError("waiting for a process fails for no reason", e);
        }
        return true;
    }

    /**
     * Deletes the cluster's folder.
     *
     * @throws StageFailure bad configuration, if the folder is not that of a cluster
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
