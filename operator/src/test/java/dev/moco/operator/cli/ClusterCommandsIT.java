package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.contract.ExitCode;
import dev.moco.localcluster.TestCluster;
import dev.moco.localcluster.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands against a real API server. Each test acts as the operator: it writes statuses and creates pods. */
class ClusterCommandsIT {
    private static final String KEY = "3f2a91c0ffee";

    private static TestCluster cluster;

    private final List<MocoProcess> started = new ArrayList<>();

    @TempDir
    Path folder;

    @BeforeAll
    static void up() throws Exception {
        cluster = TestCluster.get();
        Definition.install(cluster);
    }

    @AfterEach
    void endProcesses() {
        started.forEach(MocoProcess::close);
    }

    @Test
    void statusListsOneOrAllExperiments() throws Exception {
        String namespace = cluster.namespace("status");
        assertThat(moco(namespace, "status")).satisfies(output -> {
            assertThat(output.exitCode()).isZero();
            assertThat(output.error()).isEqualTo("moco: no experiments in namespace " + namespace + "\n");
        });
        apply(namespace, "table1-d", "1");
        apply(namespace, "table1-e", "1");
        assertThat(moco(namespace, "status", "table1-d").out())
                .isEqualTo("table1-d in " + namespace
                        + ": no operator has reconciled it yet; is one running for this namespace?\n");
        status(namespace, "table1-d", running(34));
        MocoProcess.ProcessOutput one = moco(namespace, "status", "table1-d");
        assertThat(one.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(one.out().lines())
                .containsExactly(
                        "table1-d in " + namespace + ": running, 1 of 2 stages done",
                        "",
                        "STAGE              STATE       PROGRESS   ETA      IMG/S   DATA   LOSS    TIME   WHY",
                        "prepare-imagenet   Succeeded                                                     committed",
                        "pretrain           Running     34%        12h04m   812     3%     6.731          runs");
        String list = moco(namespace, "status").out();
        assertThat(list.lines().map(line -> line.replaceAll(" +([0-9]+[dhms])+$", "")))
                .containsExactly(
                        "NAME       STAGE      PROGRESS   ETA      TOP1   AP50   AP   AP75   READY   AGE",
                        "table1-d   pretrain   34%        12h04m                             False",
                        "table1-e");
        assertThat(moco(namespace, "status", "-o", "wide", "-l", "moco.dev/row=table1-d")
                        .out()
                        .lines())
                .hasSize(2)
                .anySatisfy(line -> assertThat(line).contains("6.731   812"));
        assertThat(moco("default", "status", "-A").out()).contains("NAMESPACE", namespace + " ");
    }

    @Test
    void anUnknownNameIsReportedWithTheNearest() throws Exception {
        String namespace = cluster.namespace("nearest");
        apply(namespace, "table1-d", "1");
        MocoProcess.ProcessOutput wrong = moco(namespace, "status", "tabel1-d");
        assertThat(wrong.exitCode()).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(wrong.error())
                .isEqualTo("moco: no experiment \"tabel1-d\" in namespace " + namespace
                        + "; nearest is \"table1-d\", `moco status` lists all\n");
        assertThat(moco("default", "logs", "x").error()).startsWith("moco: no experiment \"x\" in namespace default");
        status(namespace, "table1-d", running(1));
        assertThat(moco(namespace, "logs", "table1-d", "pretrian").error())
                .isEqualTo("moco: table1-d has no stage \"pretrian\"; nearest is \"pretrain\", it has:"
                        + " prepare-imagenet, pretrain\n");
    }

    @Test
    void watchingEndsWithTheExperiment() throws Exception {
        String namespace = cluster.namespace("watch");
        apply(namespace, "good", "1");
        apply(namespace, "bad", "1");
        status(namespace, "good", running(10));
        status(namespace, "bad", running(10));
        MocoProcess good = start(namespace, "status", "good", "-w");
        MocoProcess bad = start(namespace, "status", "bad", "-w");
        MocoProcess all = start(namespace, "status", "-w");
        good.await("pretrain           Running     10%");
        bad.await("pretrain           Running     10%");
        all.await("good   pretrain   10%");
        status(namespace, "good", running(20));
        good.await("pretrain           Running     20%");
        all.await("good   pretrain   20%");
        status(namespace, "good", ended("True", "Succeeded"));
        status(namespace, "bad", ended("False", "StageFailed"));
        MocoProcess.ProcessOutput succeeded = good.ended();
        assertThat(succeeded.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(succeeded.out()).contains("good in " + namespace + ": succeeded\n");
        assertThat(succeeded.out().lines().filter(line -> line.startsWith("prepare-imagenet")))
                .as("unchanged lines are not printed again")
                .hasSize(1);
        assertThat(bad.ended().exitCode()).isEqualTo(ExitCode.FAULT);
        assertThat(all.ended().exitCode()).isEqualTo(ExitCode.FAULT);
        assertThat(moco(namespace, "status", "good", "-w").exitCode()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void aDeletionDuringAWatchIsReported() throws Exception {
        String namespace = cluster.namespace("deleted");
        apply(namespace, "gone", "1");
        status(namespace, "gone", running(10));
        MocoProcess watching = start(namespace, "status", "gone", "-w");
        watching.await("pretrain           Running     10%");
        cluster.kubectl("delete", "moco", "gone", "-n", namespace).orFail();
        assertThat(watching.ended().exitCode()).isEqualTo(ExitCode.FAULT);
        assertThat(watching.ended().error()).isEqualTo("moco: gone was deleted\n");
    }

    @Test
    void logsContinueWithTheReplacingPod() throws Exception {
        String namespace = cluster.namespace("logs");
        apply(namespace, "table1-d", "1");
        status(namespace, "table1-d", running(1));
        try (TestNode node = cluster.node("logs").start()) {
            MocoProcess following = start(namespace, "logs", "table1-d", "-f");
            following.awaitError("moco: pretrain is Running: runs");
            Path flag = folder.resolve("second");
            job(namespace, node, """
                    echo attempt of $MY_NAME
                    if [ -e %s ]; then echo resumed; exit 0; fi
                    touch %s
                    while true; do sleep 0.2; done
                    """.formatted(flag, flag));
            following.await("attempt of pretrain-");
            String first = pods(namespace).get(0);
            cluster.kubectl("delete", "pod", "-n", namespace, first, "--wait=false")
                    .orFail();
            MocoProcess.ProcessOutput output = following.ended();
            assertThat(output.exitCode()).isEqualTo(ExitCode.DONE);
            // The first may not be removed yet.
            String second = pods(namespace).stream()
                    .filter(pod -> !pod.equals(first))
                    .findFirst()
                    .orElseThrow();
            assertThat(output.out().lines()).containsExactly("attempt of " + first, "attempt of " + second, "resumed");
            assertThat(output.error())
                    .contains("moco: pretrain: pod " + first + "\n")
                    .contains("moco: pretrain: pod " + second + "\n");
            MocoProcess.ProcessOutput tail = moco(namespace, "logs", "table1-d", "pretrain", "--tail", "1");
            assertThat(tail.out()).isEqualTo("resumed\n");
        }
    }

    @Test
    void previousPrintsTheLogOfTheFailedPod() throws Exception {
        String namespace = cluster.namespace("previous");
        apply(namespace, "table1-d", "1");
        status(namespace, "table1-d", running(1));
        try (TestNode node = cluster.node("previous").start()) {
            Path flag = folder.resolve("second");
            Path read = folder.resolve("read");
            job(namespace, node, """
                    echo attempt of $MY_NAME
                    [ -e %s ] && sleep 600
                    touch %s
                    until [ -e %s ]; do sleep 0.1; done
                    exit 1
                    """.formatted(flag, flag, read));
            MocoProcess following = start(namespace, "logs", "table1-d", "-f");
            following.await("attempt of pretrain-", 1);
            Files.createFile(read);
            following.awaitError("ended (exit code 1); waiting for the next pod");
            following.await("attempt of pretrain-", 2);
            List<String> attempts = following.lines();
            assertThat(moco(namespace, "logs", "table1-d", "--previous").out()).isEqualTo(attempts.get(0) + "\n");
            assertThat(moco(namespace, "logs", "table1-d").out()).isEqualTo(attempts.get(1) + "\n");
        }
    }

    @Test
    void withoutAPodTheMessageNamesTheCommittedLogs() throws Exception {
        String namespace = cluster.namespace("podless");
        apply(namespace, "table1-d", "1");
        status(namespace, "table1-d", ended("True", "Succeeded"));
        MocoProcess.ProcessOutput output = moco(namespace, "logs", "table1-d");
        assertThat(output.exitCode()).isEqualTo(ExitCode.FAULT);
        assertThat(output.error())
                .isEqualTo("moco: pretrain: pod pretrain-x is gone; its committed logs are"
                        + " s3://experiments/moco/v1/stages/pretrain/" + KEY
                        + ".../files/*/logs/, and `moco report table1-d` draws them\n");
        assertThat(moco(namespace, "logs", "table1-d", "-f").error()).isEqualTo(output.error());
    }

    @Test
    void theCommandsNeedOnlyRightsToReadExperimentsPodsAndLogs() throws Exception {
        String namespace = cluster.namespace("person");
        apply(namespace, "table1-d", "1");
        status(namespace, "table1-d", running(1));
        cluster.kubectl("create", "serviceaccount", "ada", "-n", namespace).orFail();
        Path ada = cluster.kubeconfig(namespace, "ada");
        MocoProcess.ProcessOutput refused = moco(ada, namespace, "status");
        assertThat(refused.exitCode()).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(refused.error())
                .startsWith("moco: the cluster at https://127.0.0.1:")
                .contains(": you may not list experiments: mocoexperiments.moco.dev is forbidden: User"
                        + " \"system:serviceaccount:" + namespace + ":ada\" cannot list")
                .endsWith("; ask for the ClusterRole view there, which reads experiments, pods and logs\n")
                .hasLineCount(1);
        cluster.kubectlWithInput("""
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata: {name: reader}
                rules:
                  - {apiGroups: [moco.dev], resources: [mocoexperiments], verbs: [get, list, watch]}
                  - {apiGroups: [""], resources: [pods], verbs: [get, list, watch]}
                  - {apiGroups: [""], resources: [pods/log], verbs: [get]}
                """, "apply", "-n", namespace, "-f", "-").orFail();
        cluster.kubectl(
                        "create",
                        "rolebinding",
                        "ada",
                        "-n",
                        namespace,
                        "--role=reader",
                        "--serviceaccount=" + namespace + ":ada")
                .orFail();
        // The API server applies new roles shortly after they are stored.
        String person = "--as=system:serviceaccount:" + namespace + ":ada";
        await().atMost(Duration.ofMinutes(10))
                .until(() -> cluster.kubectl("auth", "can-i", "list", "mocoexperiments", "-n", namespace, person)
                        .out()
                        .startsWith("yes"));
        Instant start = Instant.now();
        try (TestNode node = cluster.node("person").start()) {
            job(namespace, node, "echo hello");
            MocoProcess watching = start(ada, namespace, "status", "table1-d", "-w");
            watching.await("pretrain           Running     1%");
            assertThat(start(ada, namespace, "logs", "table1-d", "-f").ended().out())
                    .isEqualTo("hello\n");
            status(namespace, "table1-d", ended("True", "Succeeded"));
            assertThat(watching.ended().exitCode()).isEqualTo(ExitCode.DONE);
            for (String[] command :
                    new String[][] {{"status"}, {"table"}, {"report", "table1-d"}, {"report", "table1-d", "-o", "md"}
                    }) {
                assertThat(moco(ada, namespace, command)).satisfies(output -> {
                    assertThat(output.exitCode()).isEqualTo(ExitCode.DONE);
                    assertThat(output.error()).isEmpty();
                });
            }
        }
        assertThat(cluster.auditLog().events("system:serviceaccount:" + namespace + ":ada", start))
                .isNotEmpty()
                .noneMatch(event -> event.code() == 403 || event.write());
    }

    @Test
    void theCommandsWorkAsAKubectlPlugin() throws Exception {
        String namespace = cluster.namespace("plugin");
        apply(namespace, "table1-d", "1");
        status(namespace, "table1-d", running(34));
        try (BuiltCheckout checkout = BuiltCheckout.of(TestCluster.home())) {
            Map<String, String> path = Map.of("PATH", checkout.folder() + ":" + System.getenv("PATH"));
            MocoProcess.ProcessOutput output = MocoProcess.kubectl(
                            cluster, path, "moco", "status", "table1-d", "-n", namespace)
                    .ended();
            assertThat(output.error()).isEmpty();
            assertThat(output.exitCode()).isZero();
            assertThat(output.out()).startsWith("table1-d in " + namespace + ": running, 1 of 2 stages done\n");
        }
    }

    @Test
    void aReportIsMadeFromTheStatus() throws Exception {
        String namespace = cluster.namespace("report");
        apply(namespace, "table1-d", "1");
        status(namespace, "table1-d", ended("True", "Succeeded"));
        assertThat(moco(namespace, "report", "table1-d").out())
                .contains("NAME       STAGE       PROGRESS", "table1-d   Succeeded   2/2", "Linear top-1");
        assertThat(moco(namespace, "report", "table1-d", "-o", "md").out())
                .isEqualTo("# table1-d\n\n| | this run |\n|---|---|\n| Linear top-1 | 67.4 |\n");
        assertThat(moco(namespace, "report", "table1-d", "-o", "json").out())
                .startsWith("{")
                .contains("\"conditions\"");
        assertThat(moco(namespace, "table", "-l", "moco.dev/table=1")
                        .out()
                        .lines()
                        .toList()
                        .get(2))
                .isEqualTo("| table1-d | (d) | MoCo | ✓ | ✓ | ✓ | 0.2 | 200 | 256 |  | 67.4 (67.5, -0.1) |  |  |  |");
    }

    private void job(String namespace, TestNode node, String script) throws Exception {
        cluster.kubectlWithInput(
                        """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: pretrain-%s}
                spec:
                  backoffLimit: 3
                  podReplacementPolicy: Failed
                  podFailurePolicy:
                    rules:
                      - {action: Ignore, onPodConditions: [{type: DisruptionTarget}]}
                  template:
                    metadata: {labels: {moco.dev/experiment: table1-d, moco.dev/task: pretrain}}
                    spec:
                      nodeSelector: {kubernetes.io/hostname: %s}
                      restartPolicy: Never
                      terminationGracePeriodSeconds: 2
                      containers:
                        - name: stage
                          image: none
                          command: [sh, -c]
                          args:
                            - |
                %s
                          env:
                            - {name: MOCO_TASK, value: '{"name":"pretrain","key":"%s0000"}'}
                            - {name: MY_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                """.formatted(KEY, node.name(), script.indent(14).stripTrailing(), KEY),
                        "apply",
                        "-n",
                        namespace,
                        "-f",
                        "-")
                .orFail();
    }

    private static List<String> pods(String namespace) {
        return cluster.client().pods().inNamespace(namespace).list().getItems().stream()
                .map(pod -> pod.getMetadata().getName())
                .toList();
    }

    private static void apply(String namespace, String name, String table) throws Exception {
        cluster.kubectlWithInput("""
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: %s, labels: {moco.dev/table: "%s", moco.dev/row: %s}}
                spec:
                  data: {imagenet: "s3://raw/imagenet", voc: "s3://raw/voc"}
                  storage: {bucket: experiments, prefix: moco}
                """.formatted(name, table, name), "apply", "-n", namespace, "-f", "-")
                .orFail();
    }

    private void status(String namespace, String name, String status) throws Exception {
        Path file = Files.writeString(folder.resolve("status.yaml"), status);
        cluster.kubectl(
                        "patch",
                        "mocoexperiment",
                        name,
                        "-n",
                        namespace,
                        "--subresource=status",
                        "--type=merge",
                        "--patch-file",
                        file.toString())
                .orFail();
    }

    private static String running(int percent) {
        return """
                status:
                  observedGeneration: 1
                  conditions:
                    - {type: Ready, status: "False", reason: InProgress, message: pretrain, lastTransitionTime: "2026-01-01T00:00:00Z"}
                    - {type: Succeeded, status: Unknown, reason: InProgress, message: "", lastTransitionTime: "2026-01-01T00:00:00Z"}
                  summary: {stage: pretrain, progress: %1$d%%, eta: 12h04m, loss: "6.731", imagesPerSecond: "812"}
                  stages:
                    - {name: prepare-imagenet, stage: prepare, state: Succeeded, reason: committed, infraFailures: 0, userFailures: 0}
                    - name: pretrain
                      stage: pretrain
                      state: Running
                      reason: runs
                      key: %2$s
                      job: pretrain-%2$s
                      infraFailures: 0
                      userFailures: 0
                      progress: {epoch: 0, epochs: 1, step: %1$d, steps: 100, percent: %1$d, imagesPerSecond: 812,
                                 dataWaitPercent: 3, loss: "6.731", etaSeconds: 43440}
                """.formatted(percent, KEY);
    }

    private static String ended(String succeeded, String reason) {
        return """
                status:
                  observedGeneration: 1
                  conditions:
                    - {type: Ready, status: "%1$s", reason: %2$s, message: "", lastTransitionTime: "2026-01-01T00:00:00Z"}
                    - {type: Succeeded, status: "%1$s", reason: %2$s, message: "", lastTransitionTime: "2026-01-01T00:00:00Z"}
                  summary: {stage: %2$s, progress: 2/2, top1: "67.4"}
                  stages:
                    - {name: prepare-imagenet, stage: prepare, state: Succeeded, reason: committed, infraFailures: 0, userFailures: 0}
                    - {name: pretrain, stage: pretrain, state: %2$s, reason: committed, key: %3$s, job: pretrain-gone,
                       pod: pretrain-x, infraFailures: 0, userFailures: 0}
                  results:
                    - {metric: "Linear top-1, best epoch (98)", value: "67.4", paper: "67.5", difference: "-0.1"}
                  report: "| | this run |\\n|---|---|\\n| Linear top-1 | 67.4 |\\n"
                """.formatted(succeeded, reason, KEY);
    }

    private MocoProcess.ProcessOutput moco(String namespace, String... arguments)
            throws IOException, InterruptedException {
        return moco(cluster.kubeconfig(), namespace, arguments);
    }

    private MocoProcess.ProcessOutput moco(Path kubeconfig, String namespace, String... arguments)
            throws IOException, InterruptedException {
        return start(kubeconfig, namespace, arguments).ended();
    }

    private MocoProcess start(String namespace, String... arguments) throws IOException {
        return start(cluster.kubeconfig(), namespace, arguments);
    }

    private MocoProcess start(Path kubeconfig, String namespace, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-n", namespace));
        MocoProcess process = MocoProcess.start(Map.of("KUBECONFIG", kubeconfig.toString()), all);
        started.add(process);
        return process;
    }
}
