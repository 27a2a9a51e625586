package dev.moco.localcluster;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node that runs pods as processes of this machine. Containers of the project's images run from a checkout; other
 * containers need a {@code command}. The specification of a pod has its usual meaning, with these exceptions:
 *
 * <ul>
 *   <li>All pods share the machine's loopback interface, so two pods cannot listen on the same port.
 *   <li>Nothing is mounted: paths of mounts in arguments and variables are replaced by folders of the machine.
 *   <li>The scheduler counts memory and processors, but limits are not enforced.
 *   <li>The ServiceAccount's token is given as a kubeconfig, in the variable {@code KUBECONFIG}.
 *   <li>{@code kubectl exec} and {@code kubectl logs --timestamps} are not supported.
 * </ul>
 *
 * A node that goes down ends its processes. When it comes up again, it restarts the containers whose restart policy
 * allows it, and fails the other pods that ran as disrupted.
 */
public final class ProcessNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessNode.class);
    private static final int THREADS = 8;
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);
    private static final long POLL_MILLIS = 50;

    private final String name;
    private final Map<String, PodWorker> workers = new ConcurrentHashMap<>();
    private final NodeExecutor executor;
    private final ProcessGroups groups;
    private final NodeContext context;
    private final LogServer logs;
    private final NodeRegistration registration;
    private final SharedIndexInformer<Pod> informer;

    private ProcessNode(Builder builder) throws IOException {
        name = builder.name;
        executor = new NodeExecutor(THREADS, "node-" + name);
        Path folder = builder.cluster.node(name);
        Path pods = PrivateFiles.folder(folder.resolve("pods"));
        Path cache = builder.cache == null ? folder.resolve("cache") : builder.cache;
        Files.createDirectories(cache);
        groups = new ProcessGroups(folder.resolve("processes"));
        context = new NodeContext(
                builder.client,
                executor,
                groups,
                pods,
                cache,
                new Images(builder.home, cache),
                builder.runtime,
                builder.restartBackOff);
        logs = new LogServer(builder.cluster, this::log);
        registration = new NodeRegistration(builder.client, name, builder.capacity, logs.port());
        registration.register();
        executor.every(HEARTBEAT, this::heartbeat);
        informer = builder.client
                .pods()
                .inAnyNamespace()
                .withField("spec.nodeName", name)
                .runnableInformer(0);
        // Retries even if the first list fails.
        informer.exceptionHandler((started, failure) -> true);
        informer.addEventHandler(new PodHandler());
        informer.run();
        sweep(pods);
    }

    /** Deletes the folders of pods that were deleted while the node was down. */
    private void sweep(Path pods) throws IOException {
        Set<String> known = informer.getStore().list().stream()
                .map(pod -> pod.getMetadata().getUid())
                .collect(Collectors.toSet());
        List<Path> left;
        try (Stream<Path> folders = Files.list(pods)) {
            left = folders.filter(folder -> !known.contains(folder.getFileName().toString()))
                    .toList();
        }
        for (Path folder : left) {
            PrivateFiles.delete(folder);
        }
    }

    private final class PodHandler implements ResourceEventHandler<Pod> {
        @Override
        public void onAdd(Pod pod) {
            PodWorker[] added = new PodWorker[1];
            PodWorker worker = workers.computeIfAbsent(pod.getMetadata().getUid(), uid -> {
                added[0] = new PodWorker(context, pod);
                return added[0];
            });
            worker.update(pod);
            if (added[0] != null) {
                executor.execute(worker::begin);
            }
        }

        @Override
        public void onUpdate(Pod before, Pod pod) {
            onAdd(pod);
        }

        @Override
        public void onDelete(Pod pod, boolean finalStateUnknown) {
            PodWorker worker = workers.remove(pod.getMetadata().getUid());
            if (worker != null) {
                worker.deleted();
            }
        }
    }

    private void heartbeat() {
        try {
            registration.heartbeat();
        } catch (KubernetesClientException e) {
            LOG.debug("node={} no heartbeat: {}", name, e.getMessage());
        }
    }

    private Optional<ContainerLog> log(String namespace, String pod, String container, boolean previous) {
        return workers.values().stream()
                .filter(worker -> worker.pod().getMetadata().getNamespace().equals(namespace)
                        && worker.pod().getMetadata().getName().equals(pod))
                .findFirst()
                .flatMap(worker -> worker.log(container, previous));
    }

    public String name() {
        return name;
    }

    /**
     * Takes the node down and keeps its object: processes get SIGTERM and a grace period, and their exits are reported. A
     * node of the same name and folder continues from there.
     */
    public void shutDown(Duration grace) throws InterruptedException, IOException {
        workers.values().forEach(worker -> worker.drain(grace));
        Instant end = Instant.now().plus(grace).plusSeconds(2);
        while (Instant.now().isBefore(end) && !workers.values().stream().allMatch(PodWorker::settled)) {
            Thread.sleep(POLL_MILLIS);
        }
        stop();
    }

    /** Ends all processes at once and reports nothing, as a power cut would; the node's object stays. */
    void abandon() throws IOException {
        workers.values().forEach(PodWorker::abandon);
        stop();
    }

    private void stop() throws IOException {
        informer.stop();
        executor.shutdown();
        try {
            if (!executor.awaitTermination(5, TimeUnit.SECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        groups.close();
        logs.close();
    }

    /** Kills all pods' processes and removes the node, without a report about its pods. */
    @Override
    public void close() throws IOException {
        abandon();
        try {
            registration.delete();
        } catch (KubernetesClientException e) {
            LOG.debug("node={} stays: {}", name, e.getMessage());
        }
    }

    /** Settings of a node; by default it has 32 processors, 256 GiB of memory and no GPU. */
    public static final class Builder {
        private final KubernetesClient client;
        private final ClusterFolder cluster;
        private final Path home;
        private final String name;
        private final Map<String, Quantity> capacity = new LinkedHashMap<>();
        private ContainerRuntime runtime = ContainerRuntime.PROCESSES;
        private Duration restartBackOff = Duration.ofSeconds(10);
        private @Nullable Path cache;

        /**
         * Settings with the defaults.
         *
         * @param client has the rights of a node
         * @param cluster has the certificates, and holds the pods' folders
         * @param home checkout with the programs of the project's images
         */
        public Builder(KubernetesClient client, ClusterFolder cluster, Path home, String name) {
            this.client = client;
            this.cluster = cluster;
            this.home = home;
            this.name = name;
            resource("cpu", "32");
            resource("memory", "256Gi");
            resource("pods", "500");
            resource("ephemeral-storage", "16Ti");
        }

        /** Offers an amount of a resource, such as 8 of {@code nvidia.com/gpu}. */
        public Builder resource(String resource, String amount) {
            capacity.put(resource, new Quantity(amount));
            return this;
        }

        /** Folder for {@code /var/cache/moco} of all pods. Defaults to one of the node's own. */
        public Builder cache(Path folder) {
            cache = folder;
            return this;
        }

        /** Delay before the second restart of a container, doubled for each further one. Defaults to 10 s. */
        public Builder restartBackOff(Duration first) {
            restartBackOff = first;
            return this;
        }

        /** Starts containers in another way. Defaults to processes. */
        Builder runtime(ContainerRuntime other) {
            runtime = other;
            return this;
        }

        /** Registers the node and runs the pods that are bound to it. */
        public ProcessNode start() throws IOException {
            return new ProcessNode(this);
        }
    }
}
