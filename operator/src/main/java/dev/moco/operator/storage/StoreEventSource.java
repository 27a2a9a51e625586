package dev.moco.operator.storage;

import dev.moco.operator.api.MoCoExperiment;
import dev.moco.operator.metrics.OperatorMetrics;
import dev.moco.operator.observe.StoreSnapshot;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads stores for experiments that have not ended, on threads of its own: raw data and manifests on request, and the
 * progress of running stages at intervals. Only a change triggers a reconciliation.
 */
public final class StoreEventSource extends AbstractEventSource<Void, MoCoExperiment>
        implements ResourceEventAware<MoCoExperiment> {
    /** Each read of progress may cause a status write, of which there should be at most five a second. */
    private static final Duration INTERVAL_FOR_EACH = Duration.ofMillis(200);

    private final Stores stores;
    private final OperatorMetrics metrics;
    private final Clock clock;
    private final Duration progressInterval;
    private final Map<ResourceID, ExperimentStorePoller> pollers = new ConcurrentHashMap<>();
    private final StoreThreads threads;
    private final RequestBudget budget;
    private final NamespaceThreads polling;
    private final BackgroundStoreTasks backgroundTasks;
    private Consumer<ResourceID> deleted = this::forget;

    public StoreEventSource(Stores stores, OperatorMetrics metrics, Clock clock, Duration progressInterval) {
        this(stores, metrics, clock, progressInterval, StoreThreads.start());
    }

    StoreEventSource(
            Stores stores, OperatorMetrics metrics, Clock clock, Duration progressInterval, StoreThreads threads) {
        super(Void.class, "store");
        this.stores = stores;
        this.metrics = metrics;
        this.clock = clock;
        this.progressInterval = progressInterval;
        this.threads = threads;
        this.budget = new RequestBudget(metrics, clock);
        this.polling = new NamespaceThreads(threads.polling(), StoreThreads.POLLING, budget, threads.polling());
        this.backgroundTasks = new BackgroundStoreTasks(threads, budget);
    }

    /** The latest snapshot; never blocks. */
    public StoreSnapshot snapshot(ResourceID id, String uid) {
        ExperimentStorePoller known = pollers.get(id);
        return known == null || !known.uid().equals(uid) ? StoreSnapshot.EMPTY : known.snapshot();
    }

    /** Requests missing observations; an event is sent once they are available. */
    public void request(ResourceID id, String uid, StoreRequest request) {
        pollers.compute(id, (same, known) -> {
                    if (known != null
                            && known.uid().equals(uid)
                            && known.login().equals(request.login())) {
                        return known;
                    }
                    close(known);
                    return open(id, uid, request.login());
                })
                .request(request);
    }

    private ExperimentStorePoller open(ResourceID id, String uid, StoreLogin login) {
        SharedStore store = stores.acquire(login, budget);
        String namespace = id.getNamespace().orElse("");
        ExperimentStorePoller made = new ExperimentStorePoller(
                uid,
                login,
                wake -> new StoreReader(namespace, store, backgroundTasks, metrics, clock, wake),
                threads.polling(),
                read -> polling.execute(namespace, read),
                clock,
                this::interval,
                () -> trigger(id));
        store.onRecovery(made.wakeNow());
        return made;
    }

    private void close(@Nullable ExperimentStorePoller known) {
        if (known != null) {
            known.close();
            stores.release(known.login(), known.wakeNow());
        }
    }

    /** True if each key was queried recently enough to start its stage; otherwise it is queried again. */
    public boolean confirmFresh(ResourceID id, Iterable<String> keys) {
        ExperimentStorePoller known = pollers.get(id);
        return known != null && known.confirmFresh(keys);
    }

    public void forget(ResourceID id) {
        close(pollers.remove(id));
    }

    private Duration interval() {
        long running =
                pollers.values().stream().filter(ExperimentStorePoller::polling).count();
        Duration shared = INTERVAL_FOR_EACH.multipliedBy(running);
        return shared.compareTo(progressInterval) > 0 ? shared : progressInterval;
    }

    private void trigger(ResourceID id) {
        if (isRunning()) {
            getEventHandler().handleEvent(new Event(id));
        }
    }

    /** Sets the listener of deleted experiments. */
    public void onDeletion(Consumer<ResourceID> listener) {
        deleted = listener;
    }

    @Override
    public void onResourceDeleted(MoCoExperiment resource) {
        deleted.accept(ResourceID.fromResource(resource));
    }

    @Override
    public Set<Void> getSecondaryResources(MoCoExperiment primary) {
        return Set.of();
    }

    @Override
    public void stop() {
        super.stop();
        threads.close();
        pollers.keySet().forEach(this::forget);
    }
}
