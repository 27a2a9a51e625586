package dev.moco.operator.storage;

import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.StoreLocation;
import dev.moco.operator.metrics.OperatorMetrics;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;

/** Stores without servers, read on given threads. */
public final class VirtualStores {
    private VirtualStores() {}

    /** Polls the buckets that {@code buckets} opens; the client reads their Secrets. */
    public static StoreEventSource of(
            KubernetesClient client,
            Function<StoreLocation, ObjectStore> buckets,
            OperatorMetrics metrics,
            Clock clock,
            Duration progressInterval,
            ScheduledExecutorService threads) {
        Stores stores = new Stores(new StoreSecrets(client), clock, (location, credentials) -> buckets.apply(location));
        return new StoreEventSource(
                stores, metrics, clock, progressInterval, new StoreThreads(threads, threads, threads));
    }
}
