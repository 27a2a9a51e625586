package dev.moco.training.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** NCCL's interface compiled from C, whose ranks are threads of the test. */
final class NcclShim {
    private NcclShim() {}

    /** Compiles it into a folder and returns the variables that name it; without a C compiler the test is skipped. */
    static Map<String, String> compile(Path folder) throws IOException, InterruptedException {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(place -> Files.isExecutable(Path.of(place, "gcc"))),
                "there is no gcc");
        Path library = folder.resolve("libnccl_shim.so");
        Path source = Path.of("src/test/resources/dev/moco/training/collectives/nccl_shim.c");
        Process gcc = new ProcessBuilder(
                        "gcc",
                        "-shared",
                        "-fPIC",
                        "-O1",
                        "-Wall",
                        "-Wextra",
                        "-Werror",
                        "-pthread",
                        "-o",
                        library.toString(),
                        source.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(gcc.waitFor(10, TimeUnit.MINUTES)).isTrue();
        assertThat(gcc.exitValue()).as(output).isZero();
        return Map.of("MOCO_NCCL", library.toString());
    }
}
