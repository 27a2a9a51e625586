package dev.moco.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.moco.contract.FileErrors;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Folders that the user may not read, such as lost+found on a volume. Run by a process that is not allowed everything. */
class UnreadableFoldersTest {
    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");

    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "lost+found, train/n01/a.JPEG",
        "train/n02, '78 FOLDER/train/n02: permission denied to user '",
        "val, '78 FOLDER/val: permission denied to user '"
    })
    void whatIsNotADataSetIsPassedOver(String unreadable, String printed) throws Exception {
        image("train/n01/a.JPEG");
        Path locked = Files.createDirectories(folder.resolve(unreadable));
        Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("---------"));
        try {
            assertThat(list()).startsWith(printed.replace("FOLDER", folder.toString()));
        } finally {
            Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("rwx------"));
        }
    }

    private void image(String path) throws IOException {
        Files.createDirectories(folder.resolve(path).getParent());
        Files.write(folder.resolve(path), new byte[1]);
    }

    private String list() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            // root may read everything unless these rights are dropped.
            assumeTrue(Files.isExecutable(SETPRIV), "root without setpriv");
            command.addAll(List.of(
                    SETPRIV.toString(),
                    "--bounding-set=-dac_override,-dac_read_search",
                    "--inh-caps=-dac_override,-dac_read_search"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Listing.class.getName(),
                folder.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isZero();
        return printed.lines()
                .filter(line -> !line.contains("WARN"))
                .findFirst()
                .orElse("");
    }

    /** Prints the files of a folder, or the exit code and message of the failure. */
    static final class Listing {
        private Listing() {}

        public static void main(String... arguments) {
            try (SourceTree tree = SourceTree.open(arguments[0], null)) {
                List<String> paths = new ArrayList<>();
                tree.list(file -> paths.add(file.path()));
                paths.forEach(System.out::println);
            } catch (IOException e) {
                StageFailure failure = FileErrors.of(e);
                System.out.println(failure.exitCode() + " " + failure.getMessage());
            }
        }
    }
}
