package dev.moco.localcluster;

import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One server of the control plane. It ends when this process ends in any way. */
final class ServerProcess {
    private static final Logger LOG = LoggerFactory.getLogger(ServerProcess.class);
    private static final long BEFORE_RESTART_SECONDS = 1;

    private final String name;
    private final List<String> command;
    private final Path folder;
    private final Path log;
    private @Nullable Process process;
    private boolean keptAlive;

    /**
     * A server, yet to be started.
     *
     * @param folder its working directory
     */
    ServerProcess(String name, List<String> command, Path folder, Path log) {
        this.name = name;
        this.command = List.copyOf(command);
        this.folder = folder;
        this.log = log;
    }

    /** Starts the server with a new log. */
    void start() {
        start(ProcessBuilder.Redirect.to(log.toFile()));
    }

    private synchronized void start(ProcessBuilder.Redirect output) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("PATH", System.getenv().getOrDefault("PATH", "/usr/bin:/bin"));
        environment.put("HOME", folder.toString());
        // It exits when its standard input closes, which happens when this process ends.
        environment.put(StageTask.EXIT_WITH_PARENT_VARIABLE, "1");
        builder.redirectErrorStream(true).redirectOutput(output);
        try {
            process = builder.start();
        } catch (IOException e) {
            throw StageFailure.fault("cannot start " + name + ": " + e.getMessage(), e);
        }
    }

    /** Fails with the end of the log if the server has ended. */
    synchronized void check() {
        if (process != null && !process.isAlive()) {
            throw StageFailure.fault("%s ended with exit code %d, log in %s%n%s"
                    .formatted(name, process.exitValue(), log, tail(log, 1500)));
        }
    }

    /** Restarts the server from now on whenever it ends by itself. */
    @SuppressWarnings("FutureReturnValueIgnored") // nothing waits for the restart
    synchronized void keepAlive() {
        keptAlive = true;
        Process current = process;
        if (current != null) {
            CompletableFuture<Process> ended = current.onExit();
            ended.thenAcceptAsync(
                    unused -> restart(current),
                    CompletableFuture.delayedExecutor(BEFORE_RESTART_SECONDS, TimeUnit.SECONDS));
        }
    }

    private synchronized void restart(Process ended) {
        if (keptAlive && process == ended) {
            LOG.warn("{} ended with exit code {}, starting it again; log={}", name, ended.exitValue(), log);
            start(ProcessBuilder.Redirect.appendTo(log.toFile()));
            keepAlive();
        }
    }

    /** Stops the server, and kills it after a number of seconds. */
    void stop(long seconds) {
        Process stopped;
        synchronized (this) {
            keptAlive = false;
            stopped = process;
        }
        if (stopped == null) {
            return;
        }
        stopped.destroy();
        try {
            if (!stopped.waitFor(seconds, TimeUnit.SECONDS)) {
                stopped.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            stopped.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** The end of a log, for an error message. */
    static String tail(Path log, int bytes) {
        try {
            byte[] all = Files.readAllBytes(log);
            int from = Math.max(0, all.length - bytes);
            return new String(all, from, all.length - from, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
