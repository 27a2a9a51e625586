package dev.moco.localcluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The test cluster itself: a real control plane, real kubectl, and pods as processes. */
class ClusterIT {
    private static TestCluster cluster;

    @BeforeAll
    static void up() {
        cluster = TestCluster.get();
    }

    @Test
    void kubectlAndServerAreOfOneVersion() throws Exception {
        assertThat(cluster.kubectl("version").orFail().out())
                .contains("Client Version: v1.36.3", "Server Version: v1.36.3");
    }

    @Test
    void anIndexedJobRunsToItsEndWithLogsAndTerminationMessages() throws Exception {
        String namespace = cluster.namespace("indexed");
        try (TestNode node = cluster.node("indexed").start()) {
            apply(namespace, job(node, "it", """
                    completions: 2
                    parallelism: 2
                    completionMode: Indexed
                    backoffLimitPerIndex: 1
                    maxFailedIndexes: 2
                    podReplacementPolicy: Failed
                    podFailurePolicy:
                      rules:
                      - {action: Ignore, onPodConditions: [{type: DisruptionTarget}]}
                      - {action: FailIndex, onExitCodes: {operator: In, values: [65, 78]}}
                    """, """
                    echo index $JOB_COMPLETION_INDEX of $MY_NAME; echo left in $WHERE; touch $WHERE/file
                    echo '{"exitCode":0}' > $MOCO_TERMINATION_LOG
                    """));
            kubectl(namespace, "wait", "--for=condition=Complete", "job/it", "--timeout=600s");
            List<Pod> pods = pods(namespace);
            assertThat(pods).hasSize(2);
            for (Pod pod : pods) {
                String name = pod.getMetadata().getName();
                String index = pod.getMetadata().getAnnotations().get("batch.kubernetes.io/job-completion-index");
                assertThat(kubectl(namespace, "logs", name))
                        .contains("index " + index + " of " + name, "/volumes/work");
                assertThat(kubectl(namespace, "logs", name, "--tail=1")).startsWith("left in ");
                assertThat(pod.getStatus()
                                .getContainerStatuses()
                                .get(0)
                                .getState()
                                .getTerminated())
                        .satisfies(end -> assertThat(end.getMessage()).isEqualTo("{\"exitCode\":0}"))
                        .satisfies(end -> assertThat(end.getReason()).isEqualTo("Completed"));
            }
        }
    }

    @Test
    void exitCode65FailsTheJobAtOnce() throws Exception {
        String namespace = cluster.namespace("bad-data");
        try (TestNode node = cluster.node("bad-data").start()) {
            apply(namespace, job(node, "it", """
                    backoffLimit: 3
                    podFailurePolicy:
                      rules:
                      - {action: FailJob, onExitCodes: {operator: In, values: [65, 78]}}
                    """, "exit 65"));
            kubectl(namespace, "wait", "--for=condition=Failed", "job/it", "--timeout=600s");
            assertThat(kubectl(namespace, "get", "job", "it", "-o", "jsonpath={.status.conditions[*].reason}"))
                    .contains("PodFailurePolicy");
            assertThat(pods(namespace)).hasSize(1);
        }
    }

    @Test
    void deletionAndEvictionAskTheProcessToEndAndGiveItTime() throws Exception {
        String namespace = cluster.namespace("deletion");
        try (TestNode node = cluster.node("deletion").start()) {
            apply(
                    namespace,
                    job(
                            node,
                            "it",
                            """
                    podReplacementPolicy: Failed
                    podFailurePolicy:
                      rules:
                      - {action: Ignore, onExitCodes: {operator: In, values: [75]}}
                    """,
                            "trap 'echo saving; sleep 1; exit 75' TERM; echo started; while :; do sleep 0.1; done"));
            for (int round = 0; round < 2; round++) {
                String name = running(namespace, "started");
                Process follow = cluster.start(cluster.kubeconfig(), "logs", "-f", "-n", namespace, name);
                BufferedReader log = follow.inputReader(StandardCharsets.UTF_8);
                assertThat(log.readLine()).isEqualTo("started");
                if (round == 0) {
                    kubectl(namespace, "delete", "pod", name, "--wait=false");
                } else {
                    cluster.client()
                            .pods()
                            .inNamespace(namespace)
                            .withName(name)
                            .evict();
                }
                assertThat(log.lines()).containsExactly("saving");
                assertThat(follow.waitFor(10, TimeUnit.MINUTES)).isTrue();
                await().atMost(Duration.ofMinutes(10))
                        .until(() -> cluster.client()
                                        .pods()
                                        .inNamespace(namespace)
                                        .withName(name)
                                        .get()
                                == null);
            }
            assertThat(kubectl(namespace, "get", "job", "it", "-o", "jsonpath={.status.failed}"))
                    .isEmpty();
            kubectl(namespace, "delete", "job", "it");
        }
    }

    @Test
    void theNinthGpuStaysPending() throws Exception {
        String namespace = cluster.namespace("gpus");
        try (TestNode node =
                cluster.node("gpus").resource("nvidia.com/gpu", "8").start()) {
            String resources = "          resources: {limits: {nvidia.com/gpu: %s}}\n";
            apply(namespace, job(node, "eight", "", "sleep 600") + resources.formatted(8));
            running(namespace, "");
            apply(namespace, job(node, "ninth", "", "sleep 600") + resources.formatted(1));
            await().atMost(Duration.ofMinutes(10))
                    .untilAsserted(() -> assertThat(
                                    kubectl(namespace, "get", "events", "--field-selector=reason=FailedScheduling"))
                            .contains("Insufficient nvidia.com/gpu"));
            assertThat(pods(namespace))
                    .filteredOn(pod -> pod.getMetadata().getName().startsWith("ninth"))
                    .singleElement()
                    .satisfies(pod -> assertThat(pod.getStatus().getPhase()).isEqualTo("Pending"))
                    .satisfies(pod -> assertThat(pod.getStatus().getConditions())
                            .extracting(PodCondition::getReason)
                            .contains("Unschedulable"));
        }
    }

    @Test
    void aContainerThatRestartsDoesSoWithItsLogsApart() throws Exception {
        String namespace = cluster.namespace("restarts");
        try (TestNode node = cluster.node("restarts").start()) {
            apply(namespace, """
                    apiVersion: apps/v1
                    kind: Deployment
                    metadata: {name: it}
                    spec:
                      selector: {matchLabels: {app: it}}
                      template:
                        metadata: {labels: {app: it}}
                        spec:
                          nodeSelector: {kubernetes.io/hostname: %s}
                          containers:
                          - name: main
                            image: none
                            command: [sh, -c, "echo life; sleep 1; [ -e $HOME/second ] && sleep 600; touch $HOME/second; exit 3"]
                    """.formatted(node.name()));
            await().atMost(Duration.ofMinutes(10))
                    .untilAsserted(
                            () -> assertThat(kubectl(namespace, "get", "pods")).containsPattern("1/1 +Running +1 "));
            assertThat(kubectl(namespace, "logs", "deployment/it", "--previous"))
                    .startsWith("life");
            assertThat(kubectl(namespace, "get", "pods", "-o", "jsonpath={..lastState.terminated.exitCode}"))
                    .isEqualTo("3");
        }
    }

    @Test
    void aPodHasTheRightsOfItsServiceAccountAndTheSecretsOfItsSpecAlone() throws Exception {
        String namespace = cluster.namespace("rights");
        Instant start = Instant.now();
        try (TestNode node = cluster.node("rights").start()) {
            String script = "env; echo kubeconfig=$KUBECONFIG; cat $KUBECONFIG; sleep 600";
            apply(namespace, job(node, "it", "", script) + """
                              envFrom:
                              - secretRef: {name: later}
                    """);
            await().atMost(Duration.ofMinutes(10))
                    .untilAsserted(
                            () -> assertThat(kubectl(namespace, "get", "pods")).contains("CreateContainerConfigError"));
            kubectl(namespace, "create", "secret", "generic", "later", "--from-literal=WORD=secret-word");
            String name = running(namespace, "kubeconfig=");
            String logs = kubectl(namespace, "logs", name);
            assertThat(logs)
                    .contains("WORD=secret-word", "server: \"https://127.0.0.1")
                    .doesNotContain("MAVEN");
            try (var client = cluster.client(namespace, "default")) {
                assertThat(org.assertj.core.api.Assertions.catchThrowable(
                                () -> client.pods().inNamespace(namespace).list()))
                        .hasMessageContaining("forbidden");
            }
            assertThat(cluster.auditLog().events(namespace, "default", start))
                    .anySatisfy(event -> assertThat(List.of(event.verb(), event.resource(), "" + event.code()))
                            .containsExactly("list", "pods", "403"));
        }
    }

    @Test
    void aNodeThatCrashedContinuesWithItsPods() throws Exception {
        String namespace = cluster.namespace("crash");
        TestNode first = cluster.node("crash").start();
        apply(namespace, job(first, "it", """
                    podReplacementPolicy: Failed
                    podFailurePolicy:
                      rules:
                      - {action: Ignore, onPodConditions: [{type: DisruptionTarget}]}
                    """, "echo pid $$$$; sleep 600"));
        String lost = running(namespace, "pid ");
        long pid = Long.parseLong(kubectl(namespace, "logs", lost).strip().substring("pid ".length()));
        first.crash();
        await().atMost(Duration.ofMinutes(10))
                .until(() ->
                        ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
        try (TestNode second = cluster.node("crash").start()) {
            await().atMost(Duration.ofMinutes(10))
                    .untilAsserted(
                            () -> assertThat(kubectl(namespace, "get", "pod", lost, "-o", "jsonpath={.status.phase}"))
                                    .isEqualTo("Failed"));
            await().atMost(Duration.ofMinutes(10)).until(() -> pods(namespace).size() == 2);
            assertThat(second.name()).isEqualTo(first.name());
            assertThat(kubectl(namespace, "get", "job", "it", "-o", "jsonpath={.status.failed}"))
                    .isEmpty();
        }
    }

    @Test
    void theApiServerMayStopAndStartAgain(@TempDir Path folder) throws Exception {
        Path gone = folder.resolve("gone");
        Path done = folder.resolve("done");
        String namespace = cluster.namespace("away");
        try (TestNode node = cluster.node("away").start()) {
            apply(
                    namespace,
                    job(
                            node,
                            "it",
                            "",
                            "echo up; until [ -e " + gone + " ]; do sleep 0.1; done; echo done; touch " + done));
            running(namespace, "up");
            cluster.stopApiServer();
            Files.createFile(gone);
            await().atMost(Duration.ofMinutes(10)).until(() -> Files.exists(done));
            cluster.startApiServer();
            kubectl(namespace, "wait", "--for=condition=Complete", "job/it", "--timeout=600s");
            apply(namespace, job(node, "after", "", "echo again"));
            kubectl(namespace, "wait", "--for=condition=Complete", "job/after", "--timeout=600s");
        }
    }

    @Test
    void probesAreHonored() throws Exception {
        String namespace = cluster.namespace("probes");
        // Stands in for the container's server, since all share this machine's loopback interface.
        AtomicInteger ready = new AtomicInteger(500);
        AtomicInteger live = new AtomicInteger(200);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        answer(server, "/readyz", ready);
        answer(server, "/livez", live);
        server.start();
        int port = server.getAddress().getPort();
        try (TestNode node = cluster.node("probes").start()) {
            apply(namespace, """
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: it}
                    spec:
                      nodeSelector: {kubernetes.io/hostname: %s}
                      containers:
                      - name: main
                        image: none
                        command: [sleep, "600"]
                        ports: [{name: web, containerPort: %s}]
                        startupProbe: {tcpSocket: {port: %s}, periodSeconds: 1, failureThreshold: 30}
                        readinessProbe: {httpGet: {path: /readyz, port: web}, periodSeconds: 1, failureThreshold: 1}
                        livenessProbe: {httpGet: {path: /livez, port: web}, periodSeconds: 1, failureThreshold: 5}
                    """.formatted(node.name(), port, port));
            running(namespace, "");
            assertThat(kubectl(namespace, "get", "pod", "it")).contains("0/1");
            ready.set(200);
            kubectl(namespace, "wait", "--for=condition=Ready", "pod/it", "--timeout=600s");
            ready.set(500);
            kubectl(namespace, "wait", "--for=condition=Ready=False", "pod/it", "--timeout=600s");
            live.set(500);
            await().atMost(Duration.ofMinutes(10))
                    .untilAsserted(() ->
                            assertThat(kubectl(namespace, "get", "pod", "it")).containsPattern("it +0/1 +\\S+ +[1-9]"));
            kubectl(namespace, "delete", "pod", "it", "--grace-period=1");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void podsCanBeFaked() throws Exception {
        String namespace = cluster.namespace("fakes");
        try (TestNode node = cluster.node("fakes")
                .fake(
                        pod -> pod.getMetadata().getName().startsWith("it-"),
                        Duration.ofMillis(500),
                        pod -> new ContainerExit(0, "faked " + pod.getMetadata().getName()))
                .start()) {
            Instant start = Instant.now();
            apply(namespace, job(node, "it", "{completions: 50, parallelism: 50}", "exit 1"));
            kubectl(namespace, "wait", "--for=condition=Complete", "job/it", "--timeout=600s");
            System.err.printf(
                    "50 fake pods in %d ms%n",
                    Duration.between(start, Instant.now()).toMillis());
            assertThat(pods(namespace))
                    .allSatisfy(pod -> assertThat(pod.getStatus()
                                    .getContainerStatuses()
                                    .get(0)
                                    .getState()
                                    .getTerminated()
                                    .getMessage())
                            .isEqualTo("faked " + pod.getMetadata().getName()));
        }
    }

    private static void answer(HttpServer server, String path, AtomicInteger code) {
        server.createContext(path, exchange -> {
            exchange.sendResponseHeaders(code.get(), -1);
            exchange.close();
        });
    }

    /** A Job whose container runs a script on a node. */
    private static String job(TestNode node, String name, String spec, String script) {
        return """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: %s}
                spec:
                %s
                  template:
                    spec:
                      nodeSelector: {kubernetes.io/hostname: %s}
                      restartPolicy: Never
                      volumes:
                      - {name: work, emptyDir: {}}
                      containers:
                        - name: main
                          image: none
                          command: [sh, -c]
                          args:
                          - |
                %s
                          volumeMounts:
                          - {name: work, mountPath: /var/work}
                          env:
                          - {name: MY_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                          - {name: WHERE, value: /var/work}
                """.formatted(
                        name,
                        spec.startsWith("{")
                                ? "  " + spec.substring(1, spec.length() - 1).replace(", ", "\n  ")
                                : spec.indent(2).stripTrailing(),
                        node.name(),
                        script.indent(12).stripTrailing());
    }

    private static void apply(String namespace, String yaml) throws Exception {
        cluster.kubectlWithInput(yaml, "apply", "-n", namespace, "-f", "-").orFail();
    }

    private static String kubectl(String namespace, String... arguments) throws Exception {
        String[] all = new String[arguments.length + 2];
        all[0] = "-n";
        all[1] = namespace;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return cluster.kubectl(all).orFail().out();
    }

    private static List<Pod> pods(String namespace) {
        return cluster.client().pods().inNamespace(namespace).list().getItems();
    }

    /** Waits for a pod that runs, is not being deleted and has logged a text; returns its name. */
    private static String running(String namespace, String logged) {
        String[] name = new String[1];
        await().atMost(Duration.ofMinutes(10)).until(() -> {
            for (Pod pod : pods(namespace)) {
                if (pod.getMetadata().getDeletionTimestamp() == null
                        && pod.getStatus().getPhase().equals("Running")) {
                    name[0] = pod.getMetadata().getName();
                    return logged.isEmpty()
                            || kubectl(namespace, "logs", name[0]).contains(logged);
                }
            }
            return false;
        });
        return name[0];
    }
}
