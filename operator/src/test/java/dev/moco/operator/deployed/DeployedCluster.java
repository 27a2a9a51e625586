package dev.moco.operator.deployed;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.FileTree;
import dev.moco.artifacts.S3ObjectStore;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import dev.moco.localcluster.AuditEvent;
import dev.moco.localcluster.TestCluster;
import dev.moco.localcluster.TestNode;
import dev.moco.localcluster.TestNodeBuilder;
import dev.moco.operator.cli.MocoProcess;
import dev.moco.operator.jobs.StoreRules;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * A cluster like that of {@code moco cluster up}, with the shipped manifests applied: the operator runs as the pod of its
 * Deployment, with the rights of its ServiceAccount.
 */
final class DeployedCluster implements AutoCloseable {
    static final String SYSTEM = "moco-system";
    static final String OPERATOR = "moco-operator";
    /** Namespace of the experiments: the default one of kubectl. */
    static final String NAMESPACE = "default";

    private static final String STORE_SECRET = "moco-s3";

    private final TestCluster cluster;
    private final Path folder;
    private final EmbeddedS3 server;
    private final S3ObjectStore objects;
    private final TestNode node;

    private DeployedCluster(TestCluster cluster, BiFunction<TestNodeBuilder, ArtifactStore, TestNodeBuilder> pods)
            throws Exception {
        this.cluster = cluster;
        folder = Files.createTempDirectory("moco-deployed");
        server = EmbeddedS3.start(folder.resolve("s3"));
        objects = S3ObjectStore.open(ofNamespace(server.location()), server.credentials());
        node = pods.apply(cluster.node("worker"), new ArtifactStore(objects)).start();
    }

    /** The operator's store as its experiments of {@link #NAMESPACE} have it. */
    private static StoreLocation ofNamespace(StoreLocation store) {
        return new StoreRules(Optional.of(store), Optional.empty(), false, List.of(), List.of())
                .own(NAMESPACE)
                .orElseThrow();
    }

    /**
     * Starts a cluster.
     *
     * @param pods configures the node, given the store: which pods are faked
     */
    static DeployedCluster start(BiFunction<TestNodeBuilder, ArtifactStore, TestNodeBuilder> pods) throws Exception {
        DeployedCluster deployed = new DeployedCluster(TestCluster.own(), pods);
        boolean up = false;
        try {
            deployed.describeStore();
            deployed.applyManifests();
            deployed.kubectl("rollout", "status", "-n", SYSTEM, "deployment/" + OPERATOR, "--timeout=600s");
            up = true;
            return deployed;
        } finally {
            if (!up) {
                System.err.println(deployed.describe());
                deployed.close();
            }
        }
    }

    private void describeStore() {
        var client = cluster.client();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(SYSTEM)
                        .endMetadata()
                        .build())
                .create();
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(NAMESPACE)
                        .withName(STORE_SECRET)
                        .endMetadata()
                        .withStringData(server.environment())
                        .build())
                .create();
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(SYSTEM)
                        .withName("moco-operator-store")
                        .endMetadata()
                        .withData(Map.of(
                                "MOCO_STORE",
                                "s3://" + server.location().bucket(),
                                "MOCO_STORE_ENDPOINT",
                                Optional.ofNullable(server.location().endpoint())
                                        .orElseThrow(),
                                "MOCO_STORE_REGION",
                                "us-east-1",
                                "MOCO_STORE_SECRET",
                                STORE_SECRET,
                                "MOCO_DATA_ROOT",
                                home().resolve("pipelines/quickstart").toString()))
                        .build())
                .create();
    }

    private void applyManifests() throws Exception {
        String overlay = home().resolve("manifests/overlays/local").toString();
        if (free(8080) && free(8081)) {
            kubectl("apply", "-k", overlay);
            return;
        }
        // Another operator of this machine uses the ports, and pods share the machine's ports.
        String manifests = kubectl("kustomize", overlay)
                .replace("8080", Integer.toString(port(0)))
                .replace("8081", Integer.toString(port(0)));
        cluster.kubectlWithInput(manifests, "apply", "-f", "-").orFail();
    }

    private static boolean free(int port) {
        try {
            return port(port) == port;
        } catch (IOException e) {
            return false;
        }
    }

    private static int port(int wanted) throws IOException {
        try (ServerSocket socket = new ServerSocket(wanted, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    static Path home() {
        try {
            return TestCluster.home();
        } catch (IOException e) {
            throw StageFailure.fault("no checkout: " + e.getMessage(), e);
        }
    }

    TestCluster cluster() {
        return cluster;
    }

    /** Output of the real kubectl as an administrator; fails with its output if it fails. */
    String kubectl(String... arguments) throws Exception {
        return cluster.kubectl(arguments).orFail().out();
    }

    /** Runs {@code moco} against this cluster. */
    MocoProcess.ProcessOutput moco(String... arguments) throws Exception {
        return MocoProcess.start(Map.of("KUBECONFIG", cluster.kubeconfig().toString()), List.of(arguments))
                .ended();
    }

    /** Starts the real kubectl, which writes its output to a file. */
    Process startWatching(Path output, String... arguments) throws IOException {
        ProcessBuilder builder = cluster.command(cluster.kubeconfig(), arguments);
        return builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    }

    /** Waits for a condition of an experiment by {@code kubectl wait}. */
    void await(String experiment, String condition, Duration longest) throws Exception {
        Path output = folder.resolve("wait.log");
        int code = startWatching(
                        output,
                        "wait",
                        "--for=condition=" + condition,
                        "mocoexperiment/" + experiment,
                        "--timeout=" + longest.toSeconds() + "s")
                .waitFor();
        if (code != 0) {
            throw new AssertionError(Files.readString(output) + describe());
        }
    }

    /** Every request of the operator to the API server. */
    List<AuditEvent> operatorRequests() throws IOException {
        return cluster.auditLog().events(SYSTEM, OPERATOR, Instant.EPOCH);
    }

    /** State of the cluster, for the message of a failed test. */
    String describe() throws Exception {
        return "\n"
                + cluster.kubectl("get", "mocoexperiments,jobs,pods", "-A", "-o", "wide")
                        .out()
                + cluster.kubectl("describe", "mocoexperiments").out()
                + cluster.kubectl("logs", "-n", SYSTEM, "deployment/" + OPERATOR, "--tail=50")
                        .out();
    }

    @Override
    public void close() throws IOException {
        node.close();
        cluster.close();
        objects.close();
        server.close();
        FileTree.delete(folder);
    }
}
