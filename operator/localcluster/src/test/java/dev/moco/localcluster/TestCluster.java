package dev.moco.localcluster;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * The Kubernetes cluster of this JVM's integration tests: a real control plane, started for the first test that needs it
 * and stopped with the JVM. {@code MOCO_TEST_KUBECONFIG} names another cluster to test on, with nodes of its own. Tests
 * that need a cluster are skipped if there is neither that variable, nor a built control plane, nor Go to build one.
 *
 * <pre>{@code
 * class SomethingIT {
 *     private final TestCluster cluster = TestCluster.get();
 *
 *     @Test
 *     void aJobRuns() throws Exception {
 *         String namespace = cluster.namespace("something");
 *         try (TestNode node = cluster.node("worker").resource("nvidia.com/gpu", "8").start()) {
 *             cluster.kubectl("apply", "-n", namespace, "-f", "job.yaml").orFail();
 *             cluster.kubectl("wait", "-n", namespace, "--for=condition=Complete", "job/it", "--timeout=600s").orFail();
 *             assertThat(cluster.kubectl("logs", "-n", namespace, "job/it").out()).contains("done");
 *         }
 *         Instant start = ...;
 *         assertThat(cluster.auditLog().events("moco-system", "moco-operator", start))
 *                 .noneMatch(event -> event.code() == 403);
 *     }
 * }
 * }</pre>
 *
 * Nodes serve all namespaces: give pods a {@code nodeSelector} ({@code kubernetes.io/hostname: worker}) where tests could
 * run at the same time.
 */
public final class TestCluster implements AutoCloseable {
    private static @Nullable TestCluster shared;

    private final Path home;
    private final List<String> kubectl;
    private final Path kubeconfig;
    private final @Nullable ControlPlane plane;
    private final KubernetesClient client;
    private final @Nullable KubernetesClient nodeClient;

    private TestCluster(Path home, List<String> kubectl, Path kubeconfig, @Nullable ControlPlane plane) {
        this.home = home;
        this.kubectl = kubectl;
        this.kubeconfig = kubeconfig;
        this.plane = plane;
        client = ControlPlane.client(kubeconfig);
        nodeClient = plane == null ? null : plane.nodeClient();
    }

    /** The shared cluster, started by the first call; skips the test if there can be none. */
    public static synchronized TestCluster get() {
        if (shared == null) {
            try {
                shared = start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
        return shared;
    }

    private static TestCluster start() throws IOException, InterruptedException {
        Path home = home();
        String other = System.getenv("MOCO_TEST_KUBECONFIG");
        if (other != null && !other.isEmpty()) {
            boolean available = available(new ClusterProgram(home));
            List<String> kubectl = available
                    ? List.of(new ClusterProgram(home).build(System.err).toString(), "kubectl")
                    : List.of("kubectl");
            return new TestCluster(home, kubectl, Path.of(other), null);
        }
        TestCluster own = own();
        Runtime.getRuntime().addShutdownHook(new Thread(own::close, "cluster"));
        return own;
    }

    /** A cluster for one test, which closes it: for effects on all namespaces. */
    public static TestCluster own() throws IOException, InterruptedException {
        Path home = home();
        Path program = program();
        ClusterFolder folder = new ClusterFolder(Files.createTempDirectory("moco-cluster"));
        ControlPlane plane = ControlPlane.start(program, folder, EnumSet.allOf(ControlPlane.Option.class));
        return new TestCluster(home, List.of(program.toString(), "kubectl"), folder.kubeconfig(), plane);
    }

    /** Returns whether the program is built, or can be built. */
    static boolean available(ClusterProgram program) throws IOException {
        return program.hasSources()
                && (program.built().isPresent() || program.go().isPresent());
    }

    /** The control plane's program, built unless it is; skips the test if it is not built and there is no Go. */
    public static Path program() throws IOException, InterruptedException {
        ClusterProgram program = new ClusterProgram(home());
        Assumptions.assumeTrue(
                available(program),
                "skipped: no Go to build a control plane with; install Go 1.26 or newer, or name a cluster by"
                        + " MOCO_TEST_KUBECONFIG");
        return program.build(System.err);
    }

    /** Ends a cluster of {@link #own}. */
    @Override
    public void close() {
        if (plane == null) {
            return;
        }
        plane.kill();
        try {
            PrivateFiles.delete(plane.folder().root());
        } catch (IOException e) {
            System.err.println("cannot delete " + plane.folder().root() + ": " + e.getMessage());
        }
    }

    /** The checkout, from any of its folders. */
    public static Path home() throws IOException {
        Path folder = Path.of("").toRealPath();
        while (!Files.exists(folder.resolve(ClusterProgram.SOURCES))) {
            folder = Optional.ofNullable(folder.getParent()).orElseThrow();
        }
        return folder;
    }

    /** An administrator's client, shared: do not close it. */
    public KubernetesClient client() {
        return client;
    }

    /** An administrator's kubeconfig. */
    public Path kubeconfig() {
        return kubeconfig;
    }

    /** The control plane; tests that need it are skipped on another cluster. */
    private ControlPlane controlPlane() {
        Assumptions.assumeTrue(plane != null, "skipped: the cluster of MOCO_TEST_KUBECONFIG has its own control plane");
        return Optional.ofNullable(plane).orElseThrow();
    }

    /** Stops the API server, so that all its clients wait for it; skips the test on another cluster. */
    public void stopApiServer() {
        controlPlane().apiServer().stop(ControlPlane.GRACE_SECONDS);
    }

    /** Starts the API server again, at the same address, and waits until it serves. */
    public void startApiServer() {
        ServerProcess apiServer = controlPlane().apiServer();
        apiServer.start();
        Awaitility.await()
                .atMost(ControlPlane.READY)
                .ignoreExceptionsInstanceOf(KubernetesClientException.class)
                .until(() -> {
                    apiServer.check();
                    return "ok".equals(client.raw("/readyz"));
                });
        apiServer.keepAlive();
    }

    /** Every request to the API server; tests that need it are skipped on another cluster. */
    public AuditLog auditLog() {
        return new AuditLog(controlPlane().folder().auditLog());
    }

    /** Settings of a node that the test starts and closes; tests that need it are skipped on another cluster. */
    public TestNodeBuilder node(String name) throws IOException {
        ClusterFolder folder = controlPlane().folder();
        // One cache for all nodes of all tests, so that the engine's libraries are unpacked once.
        return new TestNodeBuilder(
                new ProcessNode.Builder(Optional.ofNullable(nodeClient).orElseThrow(), folder, home, name)
                        .cache(folder.root().resolve("cache"))
                        .restartBackOff(Duration.ofSeconds(1)));
    }

    /** A new namespace in which pods can be created. */
    public String namespace(String prefix) {
        byte[] random = new byte[3];
        new SecureRandom().nextBytes(random);
        String name = prefix + "-" + HexFormat.of().formatHex(random);
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        Awaitility.await()
                .atMost(Duration.ofMinutes(10))
                .until(() -> client.serviceAccounts()
                                .inNamespace(name)
                                .withName("default")
                                .get()
                        != null);
        return name;
    }

    /** A kubeconfig with the rights of a ServiceAccount, valid for an hour. */
    public Path kubeconfig(String namespace, String serviceAccount) throws IOException {
        TokenRequest request = new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(3600L)
                .endSpec()
                .build();
        String token = client.serviceAccounts()
                .inNamespace(namespace)
                .withName(serviceAccount)
                .tokenRequest(request)
                .getStatus()
                .getToken();
        Path file = Files.createTempFile("moco-" + serviceAccount, ".kubeconfig");
        file.toFile().deleteOnExit();
        String authority = PodProcesses.authority(client.getConfiguration());
        new Kubeconfig(client.getMasterUrl().toString().replaceAll("/$", ""), authority, token, namespace).write(file);
        return file;
    }

    /** A client with the rights of a ServiceAccount, valid for an hour; the caller closes it. */
    public KubernetesClient client(String namespace, String serviceAccount) throws IOException {
        return ControlPlane.client(kubeconfig(namespace, serviceAccount));
    }

    /** Runs the real kubectl as an administrator. */
    public KubectlResult kubectl(String... arguments) throws IOException, InterruptedException {
        return kubectlWithInput("", arguments);
    }

    /** Runs the real kubectl as an administrator, with standard input: {@code apply -f -}. */
    public KubectlResult kubectlWithInput(String input, String... arguments) throws IOException, InterruptedException {
        Process process = start(kubeconfig, arguments);
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        CompletableFuture<String> out = CompletableFuture.supplyAsync(() -> text(process.getInputStream()));
        CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
        if (!process.waitFor(20, TimeUnit.MINUTES)) {
            process.destroyForcibly();
        }
        return new KubectlResult(List.of(arguments), process.waitFor(), out.join(), err.join());
    }

    /** Starts the real kubectl for commands that do not end by themselves: {@code get -w}, {@code logs -f}. */
    public Process start(Path kubeconfig, String... arguments) throws IOException {
        return command(kubeconfig, arguments).start();
    }

    /** The real kubectl, yet to be started. */
    public ProcessBuilder command(Path kubeconfig, String... arguments) {
        List<String> command = new ArrayList<>(kubectl);
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        return builder;
    }

    private static String text(InputStream stream) {
        try {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Exit code and output of kubectl. */
    public record KubectlResult(List<String> arguments, int exitCode, String out, String err) {
        /** Returns itself, or fails the test with the output. */
        public KubectlResult orFail() {
            if (exitCode != 0) {
                throw new AssertionError(
                        "kubectl " + String.join(" ", arguments) + " ended with " + exitCode + ":\n" + out + err);
            }
            return this;
        }
    }
}
