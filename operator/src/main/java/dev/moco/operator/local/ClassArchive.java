package dev.moco.operator.local;

import dev.moco.contract.ExitCode;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Class-data sharing archive of the stages' classes. Mapping it saves a second of processor time over loading, verifying and
 * linking classes one by one. The JVM ignores an archive that does not match its class path.
 *
 * @param folder where the archive is kept; without the right to write there, none is made
 * @param classPath of a stage process. It consists of jars, since the JVM archives no classes of folders
 */
record ClassArchive(Path folder, String classPath) {
    private static final Logger LOG = LoggerFactory.getLogger(ClassArchive.class);
    private static final String NAME = "classes-" + System.getProperty("java.vm.version", "") + ".jsa";
    /** Keeps the JVM's messages off the standard output. */
    private static final String SILENT = "-Xlog:cds*=off";

    /** JVM flags that use the archive; none until it exists. */
    List<String> flags() throws IOException {
        return upToDate() ? List.of("-XX:SharedArchiveFile=" + archive(), SILENT) : List.of();
    }

    /**
     * JVM flags that use the archive or, if there is none, write one at the end of the process.
     *
     * @param name name of the process, to be passed to {@link #publish}
     */
    List<String> writingFlags(String name) throws IOException {
        return upToDate() || !Files.isWritable(folder)
                ? flags()
                : List.of("-XX:ArchiveClassesAtExit=" + temporary(name), SILENT);
    }

    /** Publishes the archive that a process wrote, if it succeeded: the JVM does not check that an archive is complete. */
    void publish(String name, int exitCode) {
        Path made = temporary(name);
        try {
            if (exitCode != ExitCode.DONE) {
                Files.deleteIfExists(made);
            } else if (Files.isRegularFile(made)) {
                try (FileChannel written = FileChannel.open(made)) {
                    written.force(true);
                }
                Files.move(made, archive(), StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            LOG.debug("no class archive; stages start without one", e);
        }
    }

    /** True if the archive exists and is newer than everything on the class path. */
    private boolean upToDate() throws IOException {
        if (!Files.isRegularFile(archive())) {
            return false;
        }
        FileTime made = Files.getLastModifiedTime(archive());
        List<Path> entries = Arrays.stream(classPath.split(File.pathSeparator))
                .map(Path::of)
                .filter(Files::exists)
                .toList();
        for (Path entry : entries) {
            if (Files.getLastModifiedTime(entry).compareTo(made) >= 0) {
                return false;
            }
        }
        return true;
    }

    private Path archive() {
        return folder.resolve(NAME);
    }

    private Path temporary(String name) {
        return folder.resolve(NAME + "." + name + "." + ProcessHandle.current().pid());
    }
}
