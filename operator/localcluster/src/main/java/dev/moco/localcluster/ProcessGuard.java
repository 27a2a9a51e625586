package dev.moco.localcluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts processes that own a group each, and ends whole groups: a container's processes end with its first, and all
 * end with this program, for a small shell that waits on a pipe of ours outlives it by a moment.
 */
final class ProcessGuard implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessGuard.class);
    private static final boolean GROUPS = Files.isExecutable(Path.of("/usr/bin/setsid"));

    private static final String SCRIPT = """
            trap '' INT TERM HUP
            read -r line
            for file in "$1"/*; do
              pid=${file##*/}
              kill -KILL "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null
            done
            """;

    private final Path folder;
    private final Process guard;

    /**
     * A guard.
     *
     * @param folder holds a file a process, named by its id
     */
    ProcessGuard(Path folder) throws IOException {
        this.folder = folder;
        // What an earlier guard ended is none of ours, and its numbers may be others' by now.
        PrivateFiles.delete(folder);
        PrivateFiles.folder(folder);
        guard = new ProcessBuilder(grouped(List.of("sh", "-c", SCRIPT, "guard", folder.toString())))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static List<String> grouped(List<String> command) {
        List<String> grouped = new ArrayList<>();
        if (GROUPS) {
            grouped.add("/usr/bin/setsid");
        }
        grouped.addAll(command);
        return grouped;
    }

    /** Starts a process as the leader of its group. */
    Process start(ProcessBuilder builder) throws IOException {
        builder.command(grouped(builder.command()));
        Process process = builder.start();
        Files.createFile(folder.resolve(Long.toString(process.pid())));
        return process;
    }

    /** Ends what is left of a process and its group. */
    void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        if (GROUPS) {
            try {
                new ProcessBuilder("sh", "-c", "kill -KILL -" + process.pid())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
            } catch (IOException e) {
                LOG.warn("cannot end the group of process {}: {}", process.pid(), e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends what an ended process left behind. */
    void ended(Process process) {
        kill(process);
        try {
            Files.deleteIfExists(folder.resolve(Long.toString(process.pid())));
        } catch (IOException e) {
            LOG.warn("cannot forget process {}: {}", process.pid(), e.getMessage());
        }
    }

    /** Ends all that still run. */
    @Override
    public void close() throws IOException {
        guard.getOutputStream().close();
        try {
            guard.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
