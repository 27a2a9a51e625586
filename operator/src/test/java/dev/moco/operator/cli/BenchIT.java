package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code moco bench} with the real program in its own process, in cases in which it prints nothing. */
class BenchIT {
    @TempDir
    Path folder;

    @BeforeEach
    void home() throws IOException {
        System.setProperty("moco.home", Path.of("..").toRealPath().toString());
    }

    @AfterEach
    void forget() {
        System.clearProperty("moco.home");
    }

    @Test
    void theCommandReturnsTheExitCodeOfTheBench() {
        assertThat(run("step", "--steps", "0")).isEqualTo(ExitCode.BAD_CONFIG);
    }

    @Test
    void anEmbeddedStoreLeavesNoFiles() {
        assertThat(run("store", "--rounds", "0")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(folder.resolve("work")).isEmptyDirectory();
    }

    @Test
    void aLibraryThatDoesNotLoadIsReportedInOneLine() throws Exception {
        Path library = Files.createDirectory(folder.resolve("torch"));
        for (String name : List.of("libc10.so", "libtorch_cpu.so", "libtorch.so")) {
            Files.writeString(library.resolve(name), "torn");
        }
        Map<String, String> environment = Map.of(
                "JAVA_TOOL_OPTIONS",
                "-Dmoco.home=" + System.getProperty("moco.home"),
                "PYTORCH_LIBRARY_PATH",
                library.toString());
        List<String> command =
                List.of("bench", "step", "--work", folder.resolve("work").toString());
        try (MocoProcess bench = MocoProcess.start(environment, command)) {
            MocoProcess.ProcessOutput output = bench.ended();
            assertThat(output.exitCode()).isEqualTo(ExitCode.BAD_CONFIG);
            assertThat(output.error())
                    .contains("moco: libtorch does not load: " + library)
                    .contains("; PYTORCH_LIBRARY_PATH, PYTORCH_VERSION and PYTORCH_FLAVOR say which")
                    .doesNotContain("\tat ");
        }
    }

    private int run(String bench, String... options) {
        String[] arguments = new String[options.length + 4];
        arguments[0] = "bench";
        arguments[1] = bench;
        arguments[2] = "--work";
        arguments[3] = folder.resolve("work").toString();
        System.arraycopy(options, 0, arguments, 4, options.length);
        return Main.execute(arguments);
    }
}
