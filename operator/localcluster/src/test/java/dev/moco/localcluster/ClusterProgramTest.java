package dev.moco.localcluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The build of the control plane's program, with a script in place of Go. */
class ClusterProgramTest {
    private static final String GO = """
            #!/bin/sh
            case "$1" in
            env) echo go1.99.0 ;;
            list) printf 'a\\nb\\n' ;;
            build)
              echo built >> "$(dirname "$0")/builds"
              sleep 0.3
              while [ "$1" != -o ]; do shift; done
              mkdir -p "$GOCACHE" && touch "$GOCACHE/object"
              printf '#!/bin/sh\\n' > "$2" && chmod 700 "$2" ;;
            esac
            """;

    @TempDir
    Path folder;

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final PrintStream progress = new PrintStream(output, true, StandardCharsets.UTF_8);

    @BeforeEach
    void sources() throws IOException {
        Files.createDirectories(folder.resolve("sources"));
        Files.writeString(folder.resolve("sources/go.mod"), "module a\n");
        Files.writeString(folder.resolve("sources/main.go"), "package main\n");
    }

    @Test
    void itIsBuiltOnceForConcurrentCallers() throws Exception {
        ClusterProgram program = program(GO);
        ExecutorService threads = Executors.newFixedThreadPool(3);
        Callable<Path> ask = () -> program.build(progress);
        List<Future<Path>> built = threads.invokeAll(List.of(ask, ask, ask));
        threads.shutdown();
        for (Future<Path> path : built) {
            assertThat(path.get()).isExecutable().isEqualTo(built.get(0).get());
        }
        assertThat(folder.resolve("builds")).hasContent("built");
        assertThat(built.get(0).get().resolveSibling("build")).doesNotExist();
        assertThat(output()).contains("go1.99.0", "built in ");
    }

    @Test
    void otherSourcesAreAnotherProgram() throws Exception {
        Path before = program(GO).build(progress);
        Files.writeString(folder.resolve("sources/main.go"), "package main // changed\n");
        assertThat(program(GO).build(progress)).isNotEqualTo(before);
        assertThat(folder.resolve("builds")).hasContent("built\nbuilt");
    }

    @Test
    void aBuiltProgramNeedsNoGo() throws Exception {
        Path built = program(GO).build(progress);
        ClusterProgram without =
                new ClusterProgram(folder.resolve("sources"), folder.resolve("cache"), Optional::empty);
        assertThat(TestCluster.available(without)).isTrue();
        assertThat(without.build(progress)).isEqualTo(built);
    }

    @Test
    void withoutGoTheMessageSaysWhatToInstall() throws Exception {
        ClusterProgram program =
                new ClusterProgram(folder.resolve("sources"), folder.resolve("cache"), Optional::empty);
        assertThat(TestCluster.available(program)).isFalse();
        assertThatThrownBy(() -> program.build(progress))
                .isInstanceOf(StageFailure.class)
                .hasMessageContaining("install Go 1.26 or newer")
                .extracting(failure -> ((StageFailure) failure).exitCode())
                .isEqualTo(ExitCode.BAD_CONFIG);
    }

    @Test
    void theOutputOfAFailedBuildIsInTheMessage() throws Exception {
        ClusterProgram old = program("#!/bin/sh\necho 'go.mod requires go >= 1.26.0 (running go 1.19)' >&2; exit 1\n");
        assertThatThrownBy(() -> old.build(progress))
                .hasMessageContaining("go.mod requires go >= 1.26.0 (running go 1.19)");
        ClusterProgram broken = program(GO.replace("sleep 0.3", "echo 'main.go:1: no'; exit 1"));
        assertThatThrownBy(() -> broken.build(progress)).hasMessageContaining("main.go:1: no");
        assertThat(TestCluster.available(broken)).isTrue();
    }

    private ClusterProgram program(String script) throws IOException {
        Path go = folder.resolve("go");
        Files.writeString(go, script);
        Files.setPosixFilePermissions(go, PosixFilePermissions.fromString("rwx------"));
        return new ClusterProgram(folder.resolve("sources"), folder.resolve("cache"), () -> Optional.of(go));
    }

    private String output() {
        return output.toString(StandardCharsets.UTF_8);
    }
}
