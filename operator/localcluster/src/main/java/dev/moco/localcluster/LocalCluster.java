package dev.moco.localcluster;

import com.sun.management.OperatingSystemMXBean;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.contract.StageFailure;
import dev.moco.contract.local.OperatorVariables;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

/** The cluster of {@code moco cluster up}: a control plane, one process node, and an S3 server with a bucket. */
public final class LocalCluster implements AutoCloseable {
    private static final String SYSTEM = "moco-system";
    private static final String APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
    private static final int LEAST_PROCESSORS = 16;
    /** Time for a running stage to save a checkpoint. */
    private static final Duration GRACE = Duration.ofSeconds(30);

    private final ClusterFolder folder;
    private final ControlPlane plane;
    private final EmbeddedS3 store;
    private final KubernetesClient nodeClient;
    private final ProcessNode node;

    private LocalCluster(
            ClusterFolder folder, ControlPlane plane, EmbeddedS3 store, KubernetesClient nodeClient, ProcessNode node) {
        this.folder = folder;
        this.plane = plane;
        this.store = store;
        this.nodeClient = nodeClient;
        this.node = node;
    }

    /**
     * Runs a cluster until this process receives SIGTERM.
     *
     * @param program the built {@link ClusterProgram}
     * @param home checkout with the programs of the images
     * @param gpus number of {@code nvidia.com/gpu} that the node offers, whether the machine has them or not
     * @throws StageFailure fault, if the folder's cluster is already up
     */
    @SuppressWarnings("try") // the lock is only held
    public static void serve(Path program, ClusterFolder folder, Path home, int gpus)
            throws IOException, InterruptedException {
        try (ClusterLock lock = ClusterLock.acquire(folder);
                LocalCluster cluster = start(program, folder, home, gpus)) {
            lock.ready();
            CountDownLatch stop = new CountDownLatch(1);
            CountDownLatch stopped = new CountDownLatch(1);
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                stop.countDown();
                                try {
                                    stopped.await();
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                            },
                            "stop"));
            stop.await();
            cluster.close();
            lock.close();
            stopped.countDown();
        }
    }

    private static LocalCluster start(Path program, ClusterFolder folder, Path home, int gpus)
            throws IOException, InterruptedException {
        PrivateFiles.folder(folder.root());
        ClusterS3 access = ClusterS3.of(folder);
        CompletableFuture<EmbeddedS3> store = CompletableFuture.supplyAsync(() -> access.serve(folder));
        ControlPlane plane = ControlPlane.start(program, folder, Set.of());
        KubernetesClient nodeClient = plane.nodeClient();
        OperatingSystemMXBean machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        ProcessNode.Builder builder = new ProcessNode.Builder(nodeClient, folder, home, ClusterCredentials.NODE)
                // Stages request more processors than many laptops have; there they take longer instead of waiting
                // forever.
                .resource("cpu", Integer.toString(Math.max(LEAST_PROCESSORS, machine.getAvailableProcessors())))
                .resource("memory", (machine.getTotalMemorySize() >> 20) + "Mi");
        if (gpus > 0) {
            builder.resource("nvidia.com/gpu", Integer.toString(gpus));
        }
        describeStore(plane, access, home);
        linkPrograms(program, home, folder);
        return new LocalCluster(folder, plane, store.join(), nodeClient, builder.start());
    }

    /**
     * Creates the objects that the manifests of a local operator need: a Secret with the store's keys where experiments
     * run, and a ConfigMap with its address where the operator runs.
     */
    private static void describeStore(ControlPlane plane, ClusterS3 access, Path home) throws IOException {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put(OperatorVariables.STORE, "s3://" + EmbeddedS3.BUCKET);
        settings.put(OperatorVariables.STORE_ENDPOINT, access.endpoint());
        settings.put(OperatorVariables.STORE_REGION, "us-east-1");
        settings.put(OperatorVariables.STORE_SECRET, ClusterS3.SECRET);
        settings.put(
                OperatorVariables.DATA_ROOT,
                home.resolve("pipelines/quickstart").toString());
        List<HasMetadata> objects = List.of(
                new SecretBuilder()
                        .withNewMetadata()
                        .withName(ClusterS3.SECRET)
                        .withNamespace("default")
                        .endMetadata()
                        .withStringData(access.credentials())
                        .build(),
                new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(SYSTEM)
                        // Without it, the first `kubectl apply` of a manifest with this namespace warns.
                        .addToAnnotations(APPLIED, "{}")
                        .endMetadata()
                        .build(),
                new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("moco-operator-store")
                        .withNamespace(SYSTEM)
                        .endMetadata()
                        .withData(settings)
                        .build());
        try (KubernetesClient client = plane.client()) {
            for (HasMetadata object : objects) {
                client.resource(object)
                        .forceConflicts()
                        .fieldManager("moco-cluster")
                        .serverSideApply();
            }
        }
        PrivateFiles.write(
                plane.folder().operatorEnvironment(),
                settings.entrySet().stream()
                        .map(setting -> setting.getKey() + "=" + setting.getValue() + "\n")
                        .collect(Collectors.joining()));
    }

    /** Links kubectl, moco, and moco as a plug-in of kubectl; called by the name kubectl, the Go program is kubectl. */
    private static void linkPrograms(Path program, Path home, ClusterFolder folder) throws IOException {
        Files.createDirectories(folder.programs());
        Path moco = home.resolve("moco");
        Map<String, Path> links = Map.of("kubectl", program, "moco", moco, "kubectl-moco", moco);
        for (Map.Entry<String, Path> link : links.entrySet()) {
            Path name = folder.programs().resolve(link.getKey());
            Files.deleteIfExists(name);
            Files.createSymbolicLink(name, link.getValue());
        }
    }

    /** Stops the node first, so that its pods' last statuses are stored. */
    @Override
    public void close() throws IOException {
        try {
            node.shutDown(GRACE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        nodeClient.close();
        plane.close();
        store.close();
    }

    /** Folder of the cluster. */
    public ClusterFolder folder() {
        return folder;
    }
}
