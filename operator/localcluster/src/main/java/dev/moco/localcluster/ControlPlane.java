package dev.moco.localcluster;

import dev.moco.contract.StageFailure;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** etcd, API server, controller manager and scheduler as processes of this machine, reachable over loopback only. */
public final class ControlPlane implements AutoCloseable {
    static final Duration READY = Duration.ofMinutes(5);
    private static final long POLL_MILLIS = 100;
    static final long GRACE_SECONDS = 15;

    private final ClusterFolder folder;
    private final int port;
    private final ServerProcess etcd;
    private final ServerProcess apiServer;
    private final ServerProcess controllers;
    private final ServerProcess scheduler;

    /** Differences from a control plane that people use. */
    enum Option {
        /** The API server writes every request to {@link ClusterFolder#auditLog}. */
        AUDIT_LOG,
        /** etcd does not wait for the disk, so that state may be lost if the machine crashes. */
        NO_FSYNC
    }

    /**
     * Starts a control plane with the state of an earlier one in the same folder, and waits until it is ready.
     *
     * @param program the built {@link ClusterProgram}
     */
    static ControlPlane start(Path program, ClusterFolder folder, Set<Option> options)
            throws IOException, InterruptedException {
        ControlPlane plane = new ControlPlane(program, folder.create(), options);
        boolean ready = false;
        try {
            plane.start();
            ready = true;
        } finally {
            if (!ready) {
                plane.stop(0);
            }
        }
        return plane;
    }

    private ControlPlane(Path program, ClusterFolder folder, Set<Option> options)
            throws IOException, InterruptedException {
        this.folder = folder;
        port = port(folder.port());
        ClusterCredentials.write(program, folder, server());
        PrivateFiles.write(folder.auditPolicy(), """
                apiVersion: audit.k8s.io/v1
                kind: Policy
                omitStages: [RequestReceived]
                rules:
                - level: Metadata
                """);
        ControlPlaneCommands commands = new ControlPlaneCommands(program, folder, options);
        etcd = process("etcd", commands.etcd());
        apiServer = process("kube-apiserver", commands.apiServer(port));
        controllers = process("kube-controller-manager", commands.controllers());
        scheduler = process("kube-scheduler", commands.scheduler());
    }

    /** A server in the cluster's folder, where etcd's socket is. */
    private ServerProcess process(String name, List<String> command) {
        return new ServerProcess(name, command, folder.root(), folder.log(name));
    }

    /** The port of the last start if it is free, so that kubeconfigs remain valid. */
    private static int port(Path file) throws IOException {
        if (Files.exists(file)) {
            int before = Integer.parseInt(Files.readString(file).strip());
            if (free(before)) {
                return before;
            }
        }
        int port = freePort();
        PrivateFiles.write(file, Integer.toString(port));
        return port;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    static boolean free(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private void start() throws IOException, InterruptedException {
        // A socket that a crash left behind has no listener.
        Path socket = folder.root().resolve("etcd:0");
        Files.deleteIfExists(socket);
        etcd.start();
        Instant deadline = Instant.now().plus(READY);
        await(deadline, etcd, () -> Files.exists(socket));
        apiServer.start();
        try (KubernetesClient client = client()) {
            await(deadline, apiServer, () -> "ok".equals(client.raw("/readyz")));
            controllers.start();
            scheduler.start();
            // A namespace without its default ServiceAccount refuses pods.
            await(
                    deadline,
                    controllers,
                    () -> Optional.ofNullable(client.serviceAccounts()
                                    .inNamespace("default")
                                    .withName("default")
                                    .get())
                            .isPresent());
        }
        for (ServerProcess process : List.of(etcd, apiServer, controllers, scheduler)) {
            process.check();
            process.keepAlive();
        }
    }

    private interface ReadinessCheck {
        boolean met();
    }

    private void await(Instant deadline, ServerProcess process, ReadinessCheck check) throws InterruptedException {
        while (!met(check)) {
            process.check();
            if (Instant.now().isAfter(deadline)) {
                throw StageFailure.fault(
                        "the control plane is not ready after " + READY.toSeconds() + " s; logs in " + folder.logs());
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private static boolean met(ReadinessCheck check) {
        try {
            return check.met();
        } catch (KubernetesClientException e) {
            return false; // not yet
        }
    }

    /** Address of the API server. */
    public String server() {
        return "https://127.0.0.1:" + port;
    }

    public ClusterFolder folder() {
        return folder;
    }

    /** A new client with an administrator's rights; the caller closes it. */
    public KubernetesClient client() {
        return client(folder.kubeconfig());
    }

    /** A new client with a process node's rights; the caller closes it. */
    public KubernetesClient nodeClient() {
        return client(folder.kubeconfig(ClusterCredentials.NODE));
    }

    static KubernetesClient client(Path kubeconfig) {
        Config config = new ConfigBuilder(Config.fromKubeconfig(kubeconfig.toFile()))
                .withConnectionTimeout(5000)
                .withRequestTimeout(30_000)
                // Callers that wait repeat their request themselves.
                .withRequestRetryBackoffLimit(1)
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    ServerProcess apiServer() {
        return apiServer;
    }

    /** Stops all servers and keeps the state. */
    @Override
    public void close() {
        stop(GRACE_SECONDS);
    }

    /** Ends all servers at once; the state may be lost. */
    void kill() {
        stop(0);
    }

    private void stop(long graceSeconds) {
        scheduler.stop(graceSeconds);
        controllers.stop(graceSeconds);
        // Before etcd, or the API server would wait for it.
        apiServer.stop(graceSeconds);
        etcd.stop(graceSeconds);
    }
}
