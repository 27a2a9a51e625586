package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.ExitCode;
import dev.moco.localcluster.TestCluster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code moco cluster}, for a user without a Kubernetes cluster. */
class ClusterCommandIT {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final PrintStream standardOut = System.out;
    private final PrintStream standardErr = System.err;

    @BeforeEach
    void listen() throws IOException, InterruptedException {
        TestCluster.program(); // built here, so that its progress is printed
        System.setProperty("moco.home", TestCluster.home().toString());
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        System.setOut(stream);
        System.setErr(stream);
    }

    @AfterEach
    void down() {
        if (Files.exists(cluster())) {
            moco("down");
        }
        System.setOut(standardOut);
        System.setErr(standardErr);
        System.clearProperty("moco.home");
    }

    @Test
    void aClusterKeepsItsStateUntilItIsDeleted() throws Exception {
        assertThat(moco("kubeconfig")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(moco("up", "--gpus", "2")).as(output()).isZero();
        assertThat(output())
                .contains(
                        "The cluster is up after ",
                        "export KUBECONFIG=" + cluster().resolve("kubeconfig"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cluster())))
                .isEqualTo("rwx------");
        try (Stream<Path> files = Files.walk(cluster())) {
            for (Path file : files.filter(file -> file.toString().matches(".*(kubeconfig|key|csv|properties)"))
                    .toList()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(file.toString())
                        .isEqualTo("rw-------");
            }
        }
        assertThat(kubectl("get", "nodes", "-o", "jsonpath={..capacity.nvidia\\.com/gpu}"))
                .isEqualTo("2");
        assertThat(kubectl("get", "secret", "moco-s3", "-o", "jsonpath={.data.AWS_ACCESS_KEY_ID}"))
                .isNotEmpty();
        assertThat(kubectl("get", "configmap", "-n", "moco-system", "moco-operator-store", "-o", "yaml"))
                .contains("MOCO_STORE: s3://moco", "MOCO_STORE_ENDPOINT: http://127.0.0.1:");
        kubectl("create", "configmap", "kept", "--from-literal=a=b");
        String token = Files.readString(cluster().resolve("kubeconfig"));

        // Every argument is passed to kubectl. The query has no output, since it would be printed by this test.
        String config = "--kubeconfig=" + cluster().resolve("kubeconfig");
        assertThat(Main.execute("kubectl", config, "get", "--ignore-not-found", "--", "configmap", "none"))
                .isZero();

        out.reset();
        assertThat(moco("up")).isZero();
        assertThat(output()).contains("The cluster is up already");

        // After a crash the system releases the lock, and the child programs end with their parent.
        long pid = Long.parseLong(Files.readString(cluster().resolve("lock")).split(" ", 2)[0]);
        List<ProcessHandle> programs =
                ProcessHandle.of(pid).orElseThrow().descendants().toList();
        assertThat(programs).hasSizeGreaterThanOrEqualTo(4);
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        for (ProcessHandle program : programs) {
            program.onExit().join();
        }
        assertThat(moco("up")).as(output()).isZero();
        assertThat(kubectl("get", "configmap", "kept", "-o", "jsonpath={.data.a}"))
                .isEqualTo("b");
        assertThat(cluster().resolve("kubeconfig")).hasContent(token);

        // A stage can save its checkpoint, and the stop does not count as a retry. Restarted stages resume.
        kubectl("apply", "-f", write("""
                apiVersion: batch/v1
                kind: Job
                metadata: {name: stage}
                spec:
                  podReplacementPolicy: Failed
                  podFailurePolicy:
                    rules:
                    - {action: Ignore, onExitCodes: {operator: In, values: [75]}}
                  template:
                    spec:
                      restartPolicy: Never
                      containers:
                      - name: stage
                        image: none
                        command: [sh, -c, "trap 'sleep 1; exit 75' TERM; while :; do sleep 0.1; done"]
                ---
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: server}
                spec:
                  selector: {matchLabels: {app: server}}
                  template:
                    metadata: {labels: {app: server}}
                    spec: {containers: [{name: server, image: none, command: [sleep, "600"]}]}
                """));
        kubectl("rollout", "status", "deployment/server", "--timeout=600s");
        kubectl("wait", "--for=jsonpath={.status.ready}=1", "job/stage", "--timeout=600s");
        String server = kubectl("get", "pods", "-l", "app=server", "-o", "jsonpath={..metadata.name}");
        String stage = kubectl("get", "pods", "-l", "job-name=stage", "-o", "jsonpath={..metadata.name}");
        assertThat(moco("down")).isZero();
        assertThat(moco("up")).as(output()).isZero();
        kubectl("wait", "--for=jsonpath={.status.ready}=1", "job/stage", "--timeout=600s");
        assertThat(kubectl("get", "pod", stage, "-o", "jsonpath={..terminated.exitCode}"))
                .isEqualTo("75");
        assertThat(kubectl("get", "job", "stage", "-o", "jsonpath={.status.failed}"))
                .isEmpty();
        kubectl("wait", "--for=jsonpath={..restartCount}=1", "pod/" + server, "--timeout=600s");

        out.reset();
        assertThat(moco("down")).isZero();
        assertThat(moco("down", "--delete")).isZero();
        assertThat(output()).contains("The cluster is down", "The cluster was not up", "Deleted ");
        assertThat(cluster()).doesNotExist();
    }

    @Test
    void aFolderThatIsNotAClustersIsNotDeleted() throws Exception {
        Path file = Files.writeString(Files.createDirectories(cluster()).resolve("thesis.tex"), "");
        assertThat(moco("down", "--delete")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(output()).contains("holds no cluster; nothing is deleted");
        assertThat(file).exists();
    }

    private Path cluster() {
        return folder.resolve("cluster");
    }

    private int moco(String command, String... options) {
        String[] arguments = new String[options.length + 4];
        arguments[0] = "cluster";
        arguments[1] = command;
        arguments[2] = "--dir";
        arguments[3] = cluster().toString();
        System.arraycopy(options, 0, arguments, 4, options.length);
        return Main.execute(arguments);
    }

    private String write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("objects.yaml"), yaml).toString();
    }

    private String kubectl(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = cluster().resolve("bin/kubectl").toString();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("KUBECONFIG", cluster().resolve("kubeconfig").toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private String output() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
