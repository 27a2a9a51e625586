package dev.moco.operator.server;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.deser.std.StringDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.moco.operator.http.PingingHttpClientFactory;
import dev.moco.operator.metrics.OperatorMetrics;
import dev.moco.operator.reconcile.ExperimentReconciler;
import dev.moco.operator.storage.StoreEventSource;
import dev.moco.operator.storage.StoreSecrets;
import dev.moco.operator.storage.Stores;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operator process: starts and stops clients, reconciler, probes and metrics. */
public final class MoCoOperator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MoCoOperator.class);
    public static final String VERSION = "0.1.0";
    private static final int RECONCILE_THREADS = 8;
    private static final Duration MAX_RETRY = Duration.ofMinutes(1);
    private static final Duration MAX_INTERVAL = Duration.ofMinutes(10);
    private static final Duration TERMINATION_TIMEOUT = Duration.ofSeconds(10);

    private final KubernetesClient client;
    private final Operator operator;
    private final Optional<Leadership> leadership;
    private final Optional<HealthServer> health;
    private final Optional<HealthServer> metrics;

    private MoCoOperator(
            KubernetesClient client,
            Operator operator,
            Optional<Leadership> leadership,
            Optional<HealthServer> health,
            Optional<HealthServer> metrics) {
        this.client = client;
        this.operator = operator;
        this.leadership = leadership;
        this.health = health;
        this.metrics = metrics;
    }

    /**
     * Starts the operator; returns once every informer has synced.
     *
     * @param lost called when another process has acquired the lease; ends this one
     */
    public static MoCoOperator start(Config cluster, OperatorSettings settings, Runnable lost) {
        Clock clock = Clock.systemUTC();
        OperatorMetrics metrics = new OperatorMetrics(VERSION, clock);
        OperatorHealth health = new OperatorHealth(clock);
        Optional<HealthServer> probes =
                settings.health().map(address -> HealthServer.probes(address, health::alive, health::ready));
        Optional<HealthServer> metricsServer =
                settings.metrics().map(address -> HealthServer.metrics(address, metrics.registry()));
        KubernetesClient client = client(cluster);
        Stores stores = new Stores(new StoreSecrets(client), clock);
        metrics.unreachable(stores::unreachable);
        StoreEventSource storeEvents = new StoreEventSource(stores, metrics, clock, settings.progressInterval());
        Optional<Leadership> leadership = Leadership.of(settings, metrics, lost);
        Operator operator = new Operator(configuration -> {
            configuration
                    .withKubernetesClient(client)
                    .withCloseClientOnStop(false)
                    .withUseSSAToPatchPrimaryResource(false)
                    .withConcurrentReconciliationThreads(RECONCILE_THREADS)
                    .withReconciliationTerminationTimeout(TERMINATION_TIMEOUT);
            leadership.ifPresent(elected -> configuration.withLeaderElectionConfiguration(elected.configuration()));
        });
        operator.register(
                new ExperimentReconciler(client, settings.config(), settings.namespaces(), storeEvents, metrics, clock),
                configuration -> {
                    configuration
                            .withRetry(GenericRetry.defaultLimitedExponentialRetry()
                                    .withoutMaxAttempts()
                                    .setInitialInterval(Duration.ofSeconds(1))
                                    .setMaxInterval(MAX_RETRY.toMillis()))
                            .withReconciliationMaxInterval(MAX_INTERVAL)
                            .withGenerationAware(true);
                    if (settings.namespaces().isEmpty()) {
                        configuration.watchingAllNamespaces();
                    } else {
                        configuration.settingNamespaces(settings.namespaces());
                    }
                });
        MoCoOperator made = new MoCoOperator(client, operator, leadership, probes, metricsServer);
        if (leadership.isEmpty()) {
            metrics.leads(true);
        }
        try {
            operator.start();
        } catch (RuntimeException e) {
            made.close();
            throw e;
        }
        health.started(operator);
        LOG.info(
                "operator={} started namespaces={} stageImage={}",
                VERSION,
                settings.namespaces().isEmpty() ? "all" : settings.namespaces(),
                settings.config().stageImage());
        return made;
    }

    /**
     * A client whose objects take little memory: without managed fields, which are as large as the rest and never read,
     * and with one copy of each short text, as thousands of experiments have the same ones.
     */
    public static KubernetesClient client(Config cluster) {
        ObjectMapper mapper = new ObjectMapper();
        mapper.addMixIn(ObjectMeta.class, WithoutManagedFields.class);
        mapper.registerModule(new SimpleModule().addDeserializer(String.class, new SharedTexts()));
        return new KubernetesClientBuilder()
                .withConfig(cluster)
                .withHttpClientFactory(new PingingHttpClientFactory())
                .withKubernetesSerialization(new KubernetesSerialization(mapper, true))
                .build();
    }

    @JsonIgnoreProperties("managedFields")
    private interface WithoutManagedFields {}

    /** Reads texts; equal short ones are one object. */
    private static final class SharedTexts extends StdScalarDeserializer<String> {
        private static final long serialVersionUID = 1;
        private static final int SHORT = 200;

        SharedTexts() {
            super(String.class);
        }

        @Override
        public @Nullable String deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            String text = StringDeserializer.instance.deserialize(parser, context);
            return text == null || text.length() > SHORT ? text : text.intern();
        }
    }

    public Optional<InetSocketAddress> healthAddress() {
        return health.map(HealthServer::address);
    }

    public Optional<InetSocketAddress> metricsAddress() {
        return metrics.map(HealthServer::address);
    }

    /** Finishes running reconciliations, releases the lease, and stops; Jobs keep running without the operator. */
    @Override
    public void close() {
        leadership.ifPresent(Leadership::stopping);
        operator.stop();
        leadership.ifPresent(elected -> elected.release(client));
        health.ifPresent(HealthServer::close);
        metrics.ifPresent(HealthServer::close);
        client.close();
        LOG.info("operator={} stopped", VERSION);
    }
}
