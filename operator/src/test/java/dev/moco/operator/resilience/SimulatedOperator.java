package dev.moco.operator.resilience;

import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.StoreLocation;
import dev.moco.operator.api.MoCoExperiment;
import dev.moco.operator.jobs.OperatorConfig;
import dev.moco.operator.metrics.OperatorMetrics;
import dev.moco.operator.reconcile.ExperimentReconciler;
import dev.moco.operator.storage.StoreEventSource;
import dev.moco.operator.storage.VirtualStores;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.api.config.BaseConfigurationService;
import io.javaoperatorsdk.operator.api.config.ConfigurationService;
import io.javaoperatorsdk.operator.api.config.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * One operator process in virtual time: the reconciler with its client, informers and store pollers, and in place of the
 * framework's event processor a loop that reconciles, retries and reschedules as that does.
 */
final class SimulatedOperator implements Calls.Caller {
    /** Reads of progress are few, as each is a call that may go wrong. */
    private static final Duration PROGRESS_INTERVAL = Duration.ofMinutes(1);
    /** Time for which watches are silent after a fault: longer than a stage takes to start. */
    private static final Duration SILENCE = Duration.ofSeconds(40);

    private static final Duration MAX_INTERVAL = Duration.ofMinutes(10);
    private static final double FIRST_RETRY_SECONDS = 1;
    private static final double MAX_RETRY_SECONDS = 60;
    private static final double RETRY_FACTOR = 1.5;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** Shared: each new one would inspect every class again. */
    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    /** Shared, with its threads. */
    private static final ConfigurationService FRAMEWORK = ConfigurationService.newOverriddenConfigurationService(
            new BaseConfigurationService(),
            overrider -> overrider.withKubernetesClient(
                    new KubernetesClientBuilder().withConfig(Config.empty()).build()));

    private final VirtualTime time;
    private final ClientTasks tasks = new ClientTasks();
    private final MemoryHttp connection;
    private final KubernetesClient client;
    private final ExperimentReconciler reconciler;
    private final SharedIndexInformer<MoCoExperiment> experiments;
    private final List<EventSource<?, MoCoExperiment>> sources = new ArrayList<>();
    private final Map<ResourceID, NextReconcile> reconciles = new HashMap<>();
    private volatile boolean alive = true;

    /**
     * Runs the client's tasks on the thread that causes them. During the start they wait: sources start on threads of the
     * framework, while each holds the lock that its events need.
     */
    private static final class ClientTasks implements Executor {
        private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
        private volatile boolean started;

        @Override
        public void execute(Runnable task) {
            if (started) {
                task.run();
            } else {
                waiting.add(task);
            }
        }

        void release() {
            started = true;
            for (Runnable task = waiting.poll(); task != null; task = waiting.poll()) {
                task.run();
            }
        }
    }

    /** The next reconciliation of an experiment. */
    private static final class NextReconcile {
        int failures;
        /** Number of the latest timer; earlier ones have been replaced. */
        long timer;

        boolean marked;
    }

    SimulatedOperator(
            VirtualTime time,
            MemoryApi api,
            Calls calls,
            Function<StoreLocation, ObjectStore> buckets,
            String namespace,
            OperatorConfig config) {
        this.time = time;
        this.connection = new MemoryHttp(api, time, calls, this);
        this.client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(Config.empty())
                        .withMasterUrl("http://memory")
                        .withNamespace(namespace)
                        // Each fault reaches the operator; watches reconnect at once.
                        .withRequestRetryBackoffLimit(0)
                        .withWatchReconnectInterval(1)
                        .build())
                .withHttpClientFactory(connection)
                .withTaskExecutor(tasks)
                .withKubernetesSerialization(SERIALIZATION)
                .build();
        OperatorMetrics metrics = new OperatorMetrics("test", time.clock());
        StoreEventSource stores = VirtualStores.of(
                client,
                location -> MemoryObjects.called(buckets.apply(location), calls, this),
                metrics,
                time.clock(),
                PROGRESS_INTERVAL,
                time.threads(this::alive));
        reconciler = new ExperimentReconciler(client, config, Set.of(namespace), stores, metrics, time.clock());
        experiments =
                client.resources(MoCoExperiment.class).inNamespace(namespace).runnableInformer(0);
    }

    /** Lists and watches; throws if that fails, as the process then ends. */
    void start() {
        experiments.addEventHandler(new ExperimentEvents());
        experiments.start().toCompletableFuture().join();
        ControllerConfiguration<MoCoExperiment> configuration = FRAMEWORK.getConfigurationFor(reconciler);
        sources.addAll(reconciler.prepareEventSources(
                new EventSourceContext<>(new Experiments(), configuration, client, MoCoExperiment.class)));
        for (EventSource<?, MoCoExperiment> source : sources) {
            if (source instanceof InformerEventSource<?, MoCoExperiment> informers) {
                configure(informers, configuration);
            }
            source.setEventHandler(event -> mark(event.getRelatedCustomResourceID()));
            source.start();
        }
        tasks.release();
        experiments.getStore().list().forEach(experiment -> mark(ResourceID.fromResource(experiment)));
    }

    /** The framework does this; it declares the parameter with the type of the informer's resources. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    private static void configure(
            InformerEventSource informers, ControllerConfiguration<MoCoExperiment> configuration) {
        informers.setControllerConfiguration(configuration);
    }

    /** Events of the resources themselves: only a new generation is reconciled. */
    private final class ExperimentEvents implements ResourceEventHandler<MoCoExperiment> {
        @Override
        public void onAdd(MoCoExperiment experiment) {
            mark(ResourceID.fromResource(experiment));
        }

        @Override
        public void onUpdate(MoCoExperiment before, MoCoExperiment experiment) {
            if (!Objects.equals(
                    before.getMetadata().getGeneration(),
                    experiment.getMetadata().getGeneration())) {
                mark(ResourceID.fromResource(experiment));
            }
        }

        @Override
        public void onDelete(MoCoExperiment experiment, boolean unknown) {
            reconciles.remove(ResourceID.fromResource(experiment));
            for (EventSource<?, MoCoExperiment> source : sources) {
                if (source instanceof ResourceEventAware<?>) {
                    aware(source).onResourceDeleted(experiment);
                }
            }
        }

        @SuppressWarnings("unchecked")
        private static ResourceEventAware<MoCoExperiment> aware(EventSource<?, MoCoExperiment> source) {
            return (ResourceEventAware<MoCoExperiment>) source;
        }
    }

    private synchronized void mark(ResourceID id) {
        NextReconcile next = reconciles.computeIfAbsent(id, unused -> new NextReconcile());
        if (!next.marked) {
            next.marked = true;
            at(id, Duration.ZERO);
        }
    }

    private synchronized void at(ResourceID id, Duration delay) {
        NextReconcile next = reconciles.computeIfAbsent(id, unused -> new NextReconcile());
        long timer = ++next.timer;
        time.later(delay, () -> {
            if (alive && next.timer == timer) {
                reconcile(id, next);
            }
        });
    }

    private void reconcile(ResourceID id, NextReconcile next) {
        MoCoExperiment cached = new Experiments().get(id).orElse(null);
        if (cached == null) {
            return;
        }
        next.marked = false;
        Duration delay;
        try {
            delay = reconciler
                    .reconcile(client.getKubernetesSerialization().clone(cached), null)
                    .getScheduleDelay()
                    .map(Duration::ofMillis)
                    .filter(asked -> asked.compareTo(MAX_INTERVAL) < 0)
                    .orElse(MAX_INTERVAL);
            next.failures = 0;
        } catch (RuntimeException e) {
            double seconds = Math.min(MAX_RETRY_SECONDS, FIRST_RETRY_SECONDS * Math.pow(RETRY_FACTOR, next.failures++));
            delay = Duration.ofMillis((long) (1000 * seconds));
        }
        if (!next.marked) {
            at(id, delay);
        }
    }

    /** The framework's cache of the resources. */
    private final class Experiments implements IndexerResourceCache<MoCoExperiment> {
        @Override
        public Optional<MoCoExperiment> get(ResourceID id) {
            return Optional.ofNullable(
                    experiments.getStore().getByKey(id.getNamespace().orElseThrow() + "/" + id.getName()));
        }

        @Override
        public Stream<ResourceID> keys() {
            return list(experiment -> true).map(ResourceID::fromResource);
        }

        @Override
        public Stream<MoCoExperiment> list(Predicate<MoCoExperiment> predicate) {
            return experiments.getStore().list().stream().filter(predicate);
        }

        @Override
        public Stream<MoCoExperiment> list(String namespace, Predicate<MoCoExperiment> predicate) {
            return list(experiment ->
                    experiment.getMetadata().getNamespace().equals(namespace) && predicate.test(experiment));
        }

        @Override
        public List<MoCoExperiment> byIndex(String index, String key) {
            return experiments.getIndexer().byIndex(index, key);
        }

        @Override
        public void addIndexers(Map<String, Function<MoCoExperiment, List<String>>> indexers) {
            experiments.addIndexers(indexers);
        }
    }

    @Override
    public boolean alive() {
        return alive;
    }

    @Override
    public void kill() {
        alive = false;
    }

    @Override
    public void delayWatches() {
        connection.delay(SILENCE);
    }

    @Override
    public void dropWatches() {
        connection.delay(SILENCE);
        time.later(SILENCE.minusSeconds(1), () -> {
            if (alive) {
                int before = connection.watches();
                connection.expire();
                awaitWatches(before);
            }
        });
    }

    /** Waits in real time for the client's own threads, which list and watch again. */
    private void awaitWatches(int count) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (connection.watches() < count) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("only " + connection.watches() + " of " + count + " watches are back");
            }
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }

    /** Frees what the process holds; without effect on the cluster. */
    void discard() {
        alive = false;
        experiments.stop();
        sources.forEach(EventSource::stop);
        client.close();
    }
}
