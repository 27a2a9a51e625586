package dev.moco.operator.metrics;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Metrics of the operator. {@code stage} is prepare, pretrain, linear or detect; {@code task} is the task's
 * name, such as {@code detect-0}. Gauges of experiments are read from the informer's cache at each scrape, on
 * the leader only; gauges of a stage exist while it runs.
 *
 * <ul>
 *   <li>{@code moco_build_info{version}}: 1
 *   <li>{@code moco_leader}: 1 while this process holds the lease, or runs without election
 *   <li>{@code moco_experiments{namespace,state}}: experiments that are New, Running, Suspended, Stalled, Succeeded,
 *       Failed or Canceled
 *   <li>{@code moco_experiments_overdue}: unfinished experiments not reconciled for twice the longest interval; 0 in a
 *       healthy operator
 *   <li>{@code moco_stages{namespace,stage,state}}: tasks of unfinished experiments, by the state in their status
 *   <li>{@code moco_stage_seconds{stage}}: time from a stage's first pod to its commit
 *   <li>{@code moco_stage_failures_total{stage,class}}: attempts that failed: infrastructure (costs no retry), fault
 *       (costs a retry), data (exit 65), configuration (exit 78), exhausted (no retry left, a gate or a time limit)
 *   <li>{@code moco_stage_hits_total{stage}}: stages whose result existed already
 *   <li>{@code moco_gpu_seconds_total{stage}}: accelerator seconds of committed stages
 *   <li>{@code moco_stage_pending_seconds{namespace,experiment,stage,task}}: how long a stage has waited for a pod to
 *       run, also where its Job is held by a queue or was refused; the longest wait of its pods
 *   <li>{@code moco_stage_progress_ratio}, {@code moco_stage_images_per_second}, {@code moco_stage_data_wait_ratio},
 *       {@code moco_stage_loss}, {@code moco_stage_eta_seconds}, {@code moco_stage_progress_age_seconds}, all
 *       {@code {namespace,experiment,stage,task}}: of running stages
 *   <li>{@code moco_reconcile_seconds}, {@code moco_reconcile_errors_total}: reconciliations, and those that threw
 *   <li>{@code moco_api_writes_total{kind,verb}}: writes to the API server
 *   <li>{@code moco_store_seconds{operation}}, {@code moco_store_errors_total{operation}}: reads of stores: fingerprint,
 *       manifest, progress, report
 *   <li>{@code moco_store_requests_total{request}}: requests to all stores: get, head, list, put; 30,000 a minute at most
 *   <li>{@code moco_stores_unreachable}: stores that cannot be reached now
 *   <li>{@code process_*}, {@code jvm_*}: process and JVM metrics of the Prometheus client library
 * </ul>
 */
public final class OperatorMetrics {
    private static final double[] STAGE_BOUNDS = {60, 300, 900, 3600, 14_400, 43_200, 86_400, 172_800, 345_600, 691_200
    };
    private static final double[] CALL_BOUNDS = {0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 300};

    /** Twice the longest interval between two reconciliations. */
    private static final Duration OVERDUE = Duration.ofMinutes(20);

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Clock clock;
    private final Map<ResourceID, Instant> lastReconciled = new ConcurrentHashMap<>();
    private final Gauge leader;
    private final Histogram reconcileSeconds;
    private final Counter reconcileErrors;
    private final Counter apiWrites;
    private final Histogram storeSeconds;
    private final Counter storeErrors;
    private final Counter storeRequests;
    private final Histogram stageSeconds;
    private final Counter stageFailures;
    private final Counter stageHits;
    private final Counter gpuSeconds;

    public OperatorMetrics(String version, Clock clock) {
        this.clock = clock;
        JvmMetrics.builder().register(registry);
        Gauge build = gauge("moco_build_info", "The operator's version.", "version");
        build.labelValues(version).set(1);
        leader = gauge("moco_leader", "1 if this process holds the lease, or runs without election.");
        leader.set(0);
        reconcileSeconds = histogram("moco_reconcile_seconds", "Reconciliations.", CALL_BOUNDS);
        reconcileErrors = counter("moco_reconcile_errors_total", "Reconciliations that failed and are retried.");
        apiWrites = counter("moco_api_writes_total", "Writes to the API server.", "kind", "verb");
        storeSeconds = histogram("moco_store_seconds", "Reads of stores.", CALL_BOUNDS, "operation");
        storeErrors = counter("moco_store_errors_total", "Reads of stores that failed.", "operation");
        storeRequests = counter("moco_store_requests_total", "Requests to stores.", "request");
        stageSeconds =
                histogram("moco_stage_seconds", "From a stage's first pod to its commit.", STAGE_BOUNDS, "stage");
        stageFailures = counter("moco_stage_failures_total", "Attempts that failed.", "stage", "class");
        stageHits = counter("moco_stage_hits_total", "Stages whose result existed already.", "stage");
        export("moco_experiments_overdue", "Unfinished experiments not reconciled for 20 minutes.", this::overdue);
        gpuSeconds = counter("moco_gpu_seconds_total", "Accelerator seconds of committed stages.", "stage");
    }

    public PrometheusRegistry registry() {
        return registry;
    }

    private Gauge gauge(String name, String help, String... labels) {
        return Gauge.builder().name(name).help(help).labelNames(labels).register(registry);
    }

    private Counter counter(String name, String help, String... labels) {
        return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
    }

    private Histogram histogram(String name, String help, double[] bounds, String... labels) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .classicOnly()
                .classicUpperBounds(bounds)
                .labelNames(labels)
                .register(registry);
    }

    public void leads(boolean leads) {
        leader.set(leads ? 1 : 0);
    }

    public boolean leads() {
        return leader.get() > 0;
    }

    /** Records that an experiment was reconciled and needs further reconciliation. */
    public void reconciling(ResourceID experiment) {
        lastReconciled.put(experiment, clock.instant());
    }

    /** Records that an experiment needs no further reconciliation. */
    public void finished(ResourceID experiment) {
        lastReconciled.remove(experiment);
    }

    private double overdue() {
        Instant limit = clock.instant().minus(OVERDUE);
        return lastReconciled.values().stream()
                .filter(last -> last.isBefore(limit))
                .count();
    }

    public void reconciled(long nanos) {
        reconcileSeconds.observe(nanos / 1e9);
    }

    public void reconcileFailed() {
        reconcileErrors.inc();
    }

    public void wrote(String kind, String verb) {
        apiWrites.labelValues(kind, verb).inc();
    }

    public void storeFailed(String operation) {
        storeErrors.labelValues(operation).inc();
    }

    /** Counts a request to a store. */
    public void storeRequested(String request) {
        storeRequests.labelValues(request).inc();
    }

    /** A store read. */
    public interface StoreRead<T> {
        T read() throws IOException;
    }

    /** Runs a read of a store and records its duration, and its failure. */
    public <T> T timed(String operation, StoreRead<T> read) throws IOException {
        long start = System.nanoTime();
        try {
            return read.read();
        } catch (IOException | RuntimeException e) {
            storeFailed(operation);
            throw e;
        } finally {
            storeSeconds.labelValues(operation).observe((System.nanoTime() - start) / 1e9);
        }
    }

    /** Exports the number of stores that cannot be reached. */
    public void unreachable(LongSupplier stores) {
        export("moco_stores_unreachable", "Stores that cannot be reached now.", () -> (double) stores.getAsLong());
    }

    /** Exports a number that is computed at each scrape. */
    private void export(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(value.getAsDouble()))
                .register(registry);
    }

    void stageCommitted(String stage, double seconds, double acceleratorSeconds) {
        stageSeconds.labelValues(stage).observe(seconds);
        gpuSeconds.labelValues(stage).inc(acceleratorSeconds);
    }

    void stageHit(String stage) {
        stageHits.labelValues(stage).inc();
    }

    void stageFailed(String stage, String kind, double times) {
        stageFailures.labelValues(stage, kind).inc(times);
    }
}
