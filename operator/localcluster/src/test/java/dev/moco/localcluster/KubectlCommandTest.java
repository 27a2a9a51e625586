package dev.moco.localcluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cluster that {@code moco kubectl} speaks to, and its messages where there is none. */
class KubectlCommandTest {
    @TempDir
    Path folder;

    private ClusterFolder cluster;

    @BeforeEach
    void sources() throws IOException {
        Files.createDirectories(folder.resolve("sources"));
        Files.writeString(folder.resolve("sources/go.mod"), "module a\n");
        cluster = new ClusterFolder(folder.resolve("cluster"));
    }

    @Test
    void withoutAClusterItSaysSoAndBuildsNothing() {
        assertThatThrownBy(() -> kubectl(Map.of()).process(List.of("get", "pods")))
                .isInstanceOf(StageFailure.class)
                .hasMessage("no cluster: no KUBECONFIG, no ~/.kube/config, and none in " + cluster.root()
                        + "; `moco cluster up` starts one")
                .extracting(failure -> ((StageFailure) failure).exitCode())
                .isEqualTo(ExitCode.BAD_CONFIG);
        assertNothingBuilt();
    }

    @Test
    void aClusterThatIsDownIsNotAsked() throws Exception {
        Files.createDirectories(cluster.root());
        Files.writeString(cluster.kubeconfig(), "");
        assertThatThrownBy(() -> kubectl(Map.of()).process(List.of("get", "pods")))
                .hasMessage("the cluster in " + cluster.root() + " is down; `moco cluster up` starts it");
        assertNothingBuilt();
    }

    @Test
    void anotherClusterNeedsTheBuiltProgram() {
        assertThatThrownBy(() -> kubectl(Map.of("KUBECONFIG", "other")).process(List.of("get", "pods")))
                .hasMessage("kubectl is a part of the local cluster, which is not built yet; `moco cluster up` builds"
                        + " and starts it");
        assertNothingBuilt();
    }

    @Test
    @SuppressWarnings("try") // the lock is only held
    void theLocalClusterIsTheDefault() throws Exception {
        build();
        try (ClusterLock lock = ClusterLock.acquire(cluster.create())) {
            Files.writeString(cluster.kubeconfig(), "");
            lock.ready();
            ProcessBuilder process = kubectl(Map.of()).process(List.of("get", "--", "pods"));
            assertThat(process.command()).endsWith("kubectl", "get", "--", "pods");
            assertThat(process.environment())
                    .containsEntry("KUBECONFIG", cluster.kubeconfig().toString());
        }
    }

    @Test
    void anotherClusterIsNamedByTheEnvironmentTheArgumentsOrTheDefaultKubeconfig() throws Exception {
        build();
        String before = System.getenv("KUBECONFIG");
        assertThat(kubectl(Map.of("KUBECONFIG", "other"))
                        .process(List.of("get"))
                        .environment()
                        .get("KUBECONFIG"))
                .isEqualTo(before);
        for (String option : List.of("--kubeconfig=other", "--server=https://other", "-s")) {
            assertThat(kubectl(Map.of()).process(List.of(option, "get")).command())
                    .contains(option);
        }
        Files.createDirectories(folder.resolve(".kube"));
        Files.writeString(folder.resolve(".kube/config"), "");
        assertThat(kubectl(Map.of()).process(List.of("get")).environment().get("KUBECONFIG"))
                .isEqualTo(before);
    }

    /** A script in place of Go leaves a trace if it is run. */
    private KubectlCommand kubectl(Map<String, String> environment) throws IOException {
        Path go = folder.resolve("go");
        Files.writeString(go, "#!/bin/sh\ntouch \"$(dirname \"$0\")/ran\"\necho go1.99.0\n");
        Files.setPosixFilePermissions(go, PosixFilePermissions.fromString("rwx------"));
        return new KubectlCommand(program(Optional.of(go)), cluster, folder, environment);
    }

    private ClusterProgram program(Optional<Path> go) {
        return new ClusterProgram(folder.resolve("sources"), folder.resolve("cache"), () -> go);
    }

    private void build() throws Exception {
        Path go = folder.resolve("builder");
        Files.writeString(go, """
                #!/bin/sh
                case "$1" in
                env) echo go1.99.0 ;;
                build)
                  while [ "$1" != -o ]; do shift; done
                  printf '#!/bin/sh\\n' > "$2" && chmod 700 "$2" ;;
                esac
                """);
        Files.setPosixFilePermissions(go, PosixFilePermissions.fromString("rwx------"));
        assertThat(program(Optional.of(go)).build(System.err)).isExecutable();
    }

    private void assertNothingBuilt() {
        assertThat(folder.resolve("ran")).doesNotExist();
        assertThat(folder.resolve("cache")).doesNotExist();
    }
}
