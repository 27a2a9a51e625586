package dev.moco.operator.local;

import dev.moco.contract.ExitCode;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loaded classes as the JVM lays them out (class-data sharing). Mapping them takes a second of processor time less than
 * reading, checking and linking them one by one. The JVM passes over an archive that is not of its classes.
 *
 * @param target folder of the built stages
 */
record ClassArchive(Path target) {
    private static final Logger LOG = LoggerFactory.getLogger(ClassArchive.class);
    private static final String NAME = "classes-" + System.getProperty("java.vm.version", "") + ".jsa";
    /** Standard output is not the JVM's. */
    private static final String SILENT = "-Xlog:cds*=off";

    /** Of a process with the stages; jars, as an archive is made of no folder. */
    String classPath() throws IOException {
        List<Path> own = new ArrayList<>();
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(target, "moco-training-*.jar")) {
            jars.forEach(own::add);
        }
        return (own.size() == 1 ? own.get(0) : target.resolve("classes"))
                + File.pathSeparator
                + Files.readString(target.resolve("classpath")).strip();
    }

    /** Flags of any process: nothing until there is an archive. */
    List<String> flags() throws IOException {
        return fresh() ? List.of("-XX:SharedArchiveFile=" + archive(), SILENT) : List.of();
    }

    /**
     * Flags of a process that, where there is no archive, makes one as it ends.
     *
     * @param name of the process, of which {@link #take} is told
     */
    List<String> makingFlags(String name) throws IOException {
        return fresh() ? flags() : List.of("-XX:ArchiveClassesAtExit=" + made(name), SILENT);
    }

    /** Takes what a process has made, if it has and ended well: the JVM trusts that an archive is whole. */
    void take(String name, int exitCode) {
        Path made = made(name);
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
            LOG.debug("no archive of classes; stages start without", e);
        }
    }

    /** Whether nothing of the class path is newer. */
    private boolean fresh() throws IOException {
        if (!Files.isRegularFile(archive())) {
            return false;
        }
        FileTime made = Files.getLastModifiedTime(archive());
        List<Path> entries = Arrays.stream(classPath().split(File.pathSeparator))
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
        return target.resolve(NAME);
    }

    private Path made(String name) {
        return target.resolve(NAME + "." + name + "." + ProcessHandle.current().pid());
    }
}
