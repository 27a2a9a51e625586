package dev.moco.localcluster;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A container as a process of this machine. */
final class LocalContainer implements RunningContainer {
    private static final int MESSAGE_BYTES = 4096;
    private static final int LOG_BYTES = 2048;

    private final Process process;
    private final CompletableFuture<Ended> ended;
    private final ProcessGuard guard;

    private LocalContainer(Process process, ProcessGuard guard, CompletableFuture<Ended> ended) {
        this.process = process;
        this.guard = guard;
        this.ended = ended;
    }

    /**
     * What to run.
     *
     * @param environment the whole of it; nothing of this process's is passed on
     * @param termination file for the last words
     * @param logsOnError whether the log's end stands in for missing last words of a failure
     */
    record Launch(
            List<String> command,
            Map<String, String> environment,
            Path workingFolder,
            Path log,
            Path termination,
            boolean logsOnError) {}

    static LocalContainer start(Launch launch, ProcessGuard guard) throws IOException {
        Files.createDirectories(launch.log().getParent());
        Files.createDirectories(launch.workingFolder());
        Files.deleteIfExists(launch.termination());
        ProcessBuilder builder = new ProcessBuilder(launch.command())
                .directory(launch.workingFolder().toFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.to(launch.log().toFile()));
        builder.environment().clear();
        builder.environment().putAll(launch.environment());
        Process process = guard.start(builder);
        CompletableFuture<Ended> ended = process.onExit().thenApplyAsync(done -> {
            guard.ended(done);
            return new Ended(done.exitValue(), message(launch, done.exitValue()));
        });
        return new LocalContainer(process, guard, ended);
    }

    private static String message(Launch launch, int exitCode) {
        String message = ServerProcess.tail(launch.termination(), MESSAGE_BYTES);
        return message.isEmpty() && exitCode != 0 && launch.logsOnError()
                ? ServerProcess.tail(launch.log(), LOG_BYTES)
                : cut(message);
    }

    private static String cut(String message) {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= MESSAGE_BYTES ? message : new String(bytes, 0, MESSAGE_BYTES, StandardCharsets.UTF_8);
    }

    @Override
    public String id() {
        return "process://" + process.pid();
    }

    @Override
    public CompletableFuture<Ended> ended() {
        return ended;
    }

    @Override
    public void stop() {
        process.destroy();
    }

    @Override
    public void kill() {
        guard.kill(process);
    }
}
