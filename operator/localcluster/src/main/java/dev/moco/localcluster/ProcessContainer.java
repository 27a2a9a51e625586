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
final class ProcessContainer implements RunningContainer {
    private static final int MESSAGE_BYTES = 4096;
    private static final int LOG_BYTES = 2048;

    private final Process process;
    private final CompletableFuture<ContainerExit> ended;
    private final ProcessGroups groups;

    private ProcessContainer(Process process, ProcessGroups groups, CompletableFuture<ContainerExit> ended) {
        this.process = process;
        this.groups = groups;
        this.ended = ended;
    }

    /**
     * A process to start.
     *
     * @param environment all variables; none of this process's is passed on
     * @param termination file for the termination message
     * @param logsOnError true if the end of the log replaces the missing termination message of a failure
     */
    record Launch(
            List<String> command,
            Map<String, String> environment,
            Path workingFolder,
            Path log,
            Path termination,
            boolean logsOnError) {}

    static ProcessContainer start(Launch launch, ProcessGroups groups) throws IOException {
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
        Process process = groups.start(builder);
        CompletableFuture<ContainerExit> ended = process.onExit().thenApplyAsync(done -> {
            groups.ended(done);
            return new ContainerExit(done.exitValue(), message(launch, done.exitValue()));
        });
        return new ProcessContainer(process, groups, ended);
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
    public CompletableFuture<ContainerExit> ended() {
        return ended;
    }

    @Override
    public void stop() {
        process.destroy();
    }

    @Override
    public void kill() {
        groups.kill(process);
    }
}
