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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node whose pods are processes of this machine. It runs the project's two images from a checkout and any other
 * container by its {@code command}; the rest of a container's specification means what it does elsewhere, with these
 * differences:
 *
 * <ul>
 *   <li>All pods share the machine's loopback, so two that listen on the same port cannot run side by side.
 *   <li>Nothing is mounted: paths of volumes in arguments and variables are replaced by folders of the machine.
 *   <li>Limits of memory and processors are counted by the scheduler and not enforced.
 *   <li>The ServiceAccount's token comes as a kubeconfig, named by {@code KUBECONFIG}.
 *   <li>There is no {@code kubectl exec}, and logs have no times of their own.
 * </ul>
 *
 * A node that goes down ends its processes; when it comes up again, containers of pods that restart are started again,
 * and other pods that ran are failed as disrupted.
 */
public final class ProcessNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessNode.class);
    private static final int THREADS = 8;
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);
    private static final long POLL_MILLIS = 50;

    private final String name;
    private final Map<String, PodRun> runs = new ConcurrentHashMap<>();
    private final NodeExecutor executor;
    private final ProcessGuard guard;
    private final PodHost host;
    private final LogServer logs;
    private final NodeObject object;
    private final SharedIndexInformer<Pod> informer;

    private ProcessNode(Builder builder) throws IOException {
        name = builder.name;
        executor = new NodeExecutor(THREADS, "node-" + name);
        Path folder = builder.cluster.node(name);
        Path pods = PrivateFiles.folder(folder.resolve("pods"));
        Path cache = builder.cache == null ? folder.resolve("cache") : builder.cache;
        Files.createDirectories(cache);
        guard = new ProcessGuard(folder.resolve("processes"));
        host = new PodHost(
                builder.client,
                executor,
                guard,
                pods,
                cache,
                new Images(builder.home, cache),
                List.copyOf(builder.fakes),
                builder.restartBackOff);
        logs = new LogServer(builder.cluster, this::log);
        object = new NodeObject(builder.client, name, builder.labels, builder.capacity, logs.port());
        object.register();
        executor.every(HEARTBEAT, this::heartbeat);
        informer = builder.client
                .pods()
                .inAnyNamespace()
                .withField("spec.nodeName", name)
                .runnableInformer(0);
        // Not even a first list that fails ends it.
        informer.exceptionHandler((started, failure) -> true);
        informer.addEventHandler(new Handler());
        informer.run();
        sweep(pods);
    }

    /** Folders of pods that went while the node was down. */
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

    private final class Handler implements ResourceEventHandler<Pod> {
        @Override
        public void onAdd(Pod pod) {
            PodRun[] added = new PodRun[1];
            PodRun run = runs.computeIfAbsent(pod.getMetadata().getUid(), uid -> {
                added[0] = new PodRun(host, pod);
                return added[0];
            });
            run.update(pod);
            if (added[0] != null) {
                executor.execute(run::begin);
            }
        }

        @Override
        public void onUpdate(Pod before, Pod pod) {
            onAdd(pod);
        }

        @Override
        public void onDelete(Pod pod, boolean finalStateUnknown) {
            PodRun run = runs.remove(pod.getMetadata().getUid());
            if (run != null) {
                run.gone();
            }
        }
    }

    private void heartbeat() {
        try {
            object.heartbeat();
        } catch (KubernetesClientException e) {
            LOG.debug("node={} no heartbeat: {}", name, e.getMessage());
        }
    }

    private Optional<ContainerLog> log(String namespace, String pod, String container, boolean previous) {
        return runs.values().stream()
                .filter(run -> run.pod().getMetadata().getNamespace().equals(namespace)
                        && run.pod().getMetadata().getName().equals(pod))
                .findFirst()
                .flatMap(run -> run.log(container, previous));
    }

    public String name() {
        return name;
    }

    /**
     * Takes the node down with its object kept: processes are asked to end and get the time to, and the cluster is told
     * how they did. A node of the same name and folder goes on from there.
     */
    public void shutDown(Duration grace) throws InterruptedException, IOException {
        runs.values().forEach(run -> run.drain(grace));
        Instant end = Instant.now().plus(grace).plusSeconds(2);
        while (Instant.now().isBefore(end) && !runs.values().stream().allMatch(PodRun::settled)) {
            Thread.sleep(POLL_MILLIS);
        }
        stop();
    }

    /** Takes the node down as a power cut would: nobody is told anything. */
    public void crash() throws IOException {
        runs.values().forEach(PodRun::abandon);
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
        guard.close();
        logs.close();
    }

    /** Ends all pods' processes at once and removes the node; what became of its pods is for the cluster to find out. */
    @Override
    public void close() throws IOException {
        crash();
        try {
            object.delete();
        } catch (KubernetesClientException e) {
            LOG.debug("node={} stays: {}", name, e.getMessage());
        }
    }

    /** A node of 32 processors, 256 GiB and no GPU, unless told otherwise. */
    public static final class Builder {
        private final KubernetesClient client;
        private final ClusterFolder cluster;
        private final Path home;
        private final String name;
        private final Map<String, Quantity> capacity = new LinkedHashMap<>();
        private final Map<String, String> labels = new LinkedHashMap<>();
        private final List<FakeContainer.Fake> fakes = new ArrayList<>();
        private Duration restartBackOff = Duration.ofSeconds(10);
        private @Nullable Path cache;

        /**
         * A node's builder.
         *
         * @param client with the rights of a node
         * @param cluster holds the certificates and gets the pods' folders
         * @param home checkout whose programs the project's images are
         */
        public Builder(KubernetesClient client, ClusterFolder cluster, Path home, String name) {
            this.client = client;
            this.cluster = cluster;
            this.home = home;
            this.name = name;
            resource("cpu", "32");
            resource("memory", "256Gi");
            resource("pods", "500");
            resource("ephemeral-storage", "1Ti");
        }

        /** Offers an amount of a resource, such as 8 of {@code nvidia.com/gpu}. */
        public Builder resource(String resource, String amount) {
            capacity.put(resource, new Quantity(amount));
            return this;
        }

        public Builder label(String key, String value) {
            labels.put(key, value);
            return this;
        }

        /** A folder that stands for {@code /var/cache/moco} in all pods; the node's own unless told otherwise. */
        public Builder cache(Path folder) {
            cache = folder;
            return this;
        }

        /** Wait before the second restart of a container, doubled for each after that; 10 s unless told otherwise. */
        public Builder restartBackOff(Duration first) {
            restartBackOff = first;
            return this;
        }

        /**
         * Fakes pods: they run for a while without a process, then a function says how they ended. The function does
         * what the process would have done, such as committing a manifest, and may be called by several threads.
         */
        public Builder fake(Predicate<Pod> which, Duration runs, Function<Pod, Ended> end) {
            fakes.add(new FakeContainer.Fake(which, runs, end));
            return this;
        }

        /** Registers the node and runs what is bound to it. */
        public ProcessNode start() throws IOException {
            return new ProcessNode(this);
        }
    }
}
