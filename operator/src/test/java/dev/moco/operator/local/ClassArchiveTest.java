package dev.moco.operator.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassArchiveTest {
    @TempDir
    Path target;

    private ClassArchive archive;
    private Path jar;
    private Path other;

    @BeforeEach
    void build() throws IOException {
        jar = Files.createFile(target.resolve("moco-training-1.jar"));
        other = Files.createFile(target.resolve("other.jar"));
        archive = new ClassArchive(target, jar + ":" + other + ":" + target.resolve("gone.jar"));
        setTime(jar, 100);
        setTime(other, 100);
    }

    @Test
    void theFirstProcessWritesTheArchiveForLaterOnes() throws IOException {
        assertThat(archive.flags()).isEmpty();
        Path made = made(archive.writingFlags("prepare"));
        assertThat(made.getParent()).isEqualTo(target);
        archive.publish("prepare", 0);
        assertThat(archive.flags()).isEmpty();

        setTime(Files.createFile(made), 200);
        archive.publish("prepare", 0);
        assertThat(made).doesNotExist();
        assertThat(archive.flags()).first().asString().startsWith("-XX:SharedArchiveFile=" + target);
        assertThat(archive.writingFlags("prepare")).isEqualTo(archive.flags());
    }

    @Test
    void anUnpublishedArchiveIsDeleted() throws IOException {
        Path made = Files.createFile(made(archive.writingFlags("prepare")));
        archive.publish("prepare", 137);
        assertThat(made).doesNotExist();
        assertThat(archive.flags()).isEmpty();
    }

    @Test
    void aRebuildInvalidatesTheArchive() throws IOException {
        for (Path changed : List.of(jar, other)) {
            setTime(Files.createFile(made(archive.writingFlags("prepare"))), 200);
            archive.publish("prepare", 0);
            setTime(changed, 300);
            assertThat(archive.flags()).isEmpty();
            assertThat(archive.writingFlags("prepare")).first().asString().startsWith("-XX:ArchiveClassesAtExit=");
            setTime(changed, 100);
            Files.delete(Path.of(archive.flags().get(0).substring("-XX:SharedArchiveFile=".length())));
        }
    }

    /** As in a release that another user has unpacked; the superuser may write everywhere, but not where no folder is. */
    @Test
    void whereNothingMayBeWrittenNoArchiveIsMade() throws IOException {
        ClassArchive elsewhere = new ClassArchive(target.resolve("gone"), archive.classPath());
        assertThat(elsewhere.writingFlags("prepare")).isEmpty();
    }

    private static Path made(List<String> flags) {
        return Path.of(flags.get(0).substring("-XX:ArchiveClassesAtExit=".length()));
    }

    private static void setTime(Path file, long second) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(second)));
    }
}
