package dev.moco.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FileErrorsTest {
    static Stream<Arguments> errors() {
        return Stream.of(
                Arguments.of(new AccessDeniedException("/d/a.jpg"), 78, "/d/a.jpg: permission denied to user "),
                Arguments.of(
                        new FileSystemException("/d/a", null, "Operation not permitted"),
                        78,
                        "/d/a: permission denied"),
                Arguments.of(
                        new FileSystemException("/d/a", null, "Read-only file system"), 78, "/d/a: Read-only file"),
                Arguments.of(new NoSuchFileException("/d/a.jpg"), 1, "/d/a.jpg: no such file or folder"),
                Arguments.of(new NotDirectoryException("/d"), 65, "/d: not a folder"),
                Arguments.of(
                        new FileSystemException("/d/a", null, "Too many levels of symbolic links"),
                        65,
                        "/d/a: symbolic links that lead to themselves"),
                Arguments.of(
                        new IOException("No space left on device"),
                        1,
                        "no space left on the disk of the work folder: No space left on device; free some"),
                Arguments.of(new IOException("Stale file handle"), 1, "input or output failed: Stale file handle"));
    }

    @ParameterizedTest(name = "{0} ends with {1}")
    @MethodSource("errors")
    void errorsSayWhatTheyAre(IOException error, int exitCode, String message) {
        for (StageFailure failure :
                new StageFailure[] {FileErrors.of(error), FileErrors.of(new UncheckedIOException(error))}) {
            assertThat(failure).hasMessageStartingWith(message);
            assertThat(failure.exitCode()).isEqualTo(exitCode);
        }
    }

    @Test
    void aFullDiskIsExplainedOnce() {
        String explained = FileErrors.explained("cannot write x: No space left on device");
        assertThat(explained).startsWith("no space left on the disk of the work folder: cannot write x: No space");
        assertThat(FileErrors.explained(explained)).isEqualTo(explained);
        assertThat(FileErrors.explained("something else")).isEqualTo("something else");
    }
}
