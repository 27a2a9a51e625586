package dev.moco.localcluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts each container in a process group of its own, and kills whole groups: a container's processes end with the
 * first of them. A shell that reads a pipe from this program kills all groups when this program ends in any way.
 */
final class ProcessGroups implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessGroups.class);
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
    private final Process shell;

    /**
     * Starts the shell.
     *
     * @param folder holds one file for each process, named by its id
     */
    ProcessGroups(Path folder) throws IOException {
        this.folder = folder;
        // Processes of an earlier node have ended, and their ids may belong to other processes now.
        PrivateFiles.delete(folder);
        PrivateFiles.folder(folder);
        shell = new ProcessBuilder(grouped(List.of("sh", "-c", SCRIPT, "kill-groups", folder.toString())))
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

    /** Starts a process as the leader of a new group. */
    Process start(ProcessBuilder builder) throws IOException {
        builder.command(grouped(builder.command()));
        Process process = builder.start();
        Files.createFile(folder.resolve(Long.toString(process.pid())));
        return process;
    }

    /** Kills a process and its group. */
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
                LOG.warn("cannot kill the group of process {}: {}", process.pid(), e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Kills the rest of the group of a process that has ended. */
    void ended(Process process) {
        kill(process);
        try {
            Files.deleteIfExists(folder.resolve(Long.toString(process.pid())));
        } catch (IOException e) {
            LOG.warn("cannot delete the file of process {}: {}", process.pid(), e.getMessage());
        }
    }

    /** Kills all groups. */
    @Override
    public void close() throws IOException {
        shell.getOutputStream().close();
        try {
            shell.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
