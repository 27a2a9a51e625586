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
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks at stores beside the reconcile thread, for experiments that have not ended: on request for raw data and keys, in
 * intervals for the progress of running stages. News alone trigger a reconciliation.
 */
public final class StoreEventSource extends AbstractEventSource<Void, MoCoExperiment>
        implements ResourceEventAware<MoCoExperiment> {
    private static final int THREADS = 8;
    /** Each look at progress may become a write of a status, and the API server is to see five a second at most. */
    private static final Duration SHARE = Duration.ofMillis(200);

    private final Stores stores;
    private final OperatorMetrics metrics;
    private final Clock clock;
    private final Duration progressInterval;
    private final Map<ResourceID, ExperimentStorePoller> watched = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor threads =
            new ScheduledThreadPoolExecutor(THREADS, DaemonThreads.named("store"));
    private final BackgroundStoreTasks slow = new BackgroundStoreTasks();
    private Consumer<ResourceID> deleted = this::forget;

    public StoreEventSource(Stores stores, OperatorMetrics metrics, Clock clock, Duration progressInterval) {
        super(Void.class, "store");
        this.stores = stores;
        this.metrics = metrics;
        this.clock = clock;
        this.progressInterval = progressInterval;
        threads.setRemoveOnCancelPolicy(true);
    }

    /** What is known so far; never waits. */
    public StoreSnapshot view(ResourceID id, String uid) {
        ExperimentStorePoller known = watched.get(id);
        return known == null || !known.uid().equals(uid) ? StoreSnapshot.EMPTY : known.view();
    }

    /** Asks for what is missing; an event tells when it is there. */
    public void want(ResourceID id, String uid, StoreRequest wanted) {
        watched.compute(id, (same, known) -> {
                    if (known != null
                            && known.uid().equals(uid)
                            && known.login().equals(wanted.login())) {
                        return known;
                    }
                    close(known);
                    return open(id, uid, wanted.login());
                })
                .want(wanted);
    }

    private ExperimentStorePoller open(ResourceID id, String uid, StoreLogin login) {
        SharedStore store = stores.acquire(login);
        ExperimentStorePoller made = new ExperimentStorePoller(
                uid,
                login,
                wake -> new StoreReader(store, slow, metrics, clock, wake),
                threads,
                clock,
                this::interval,
                () -> trigger(id));
        store.onRecovery(made.now());
        return made;
    }

    private void close(@Nullable ExperimentStorePoller known) {
        if (known != null) {
            known.close();
            stores.release(known.login(), known.now());
        }
    }

    /** Whether a key was looked at so lately that its stage may be started on it; if not, it is looked at again. */
    public boolean fresh(ResourceID id, Iterable<String> keys) {
        ExperimentStorePoller known = watched.get(id);
        return known != null && known.fresh(keys);
    }

    public void forget(ResourceID id) {
        close(watched.remove(id));
    }

    private Duration interval() {
        long running =
                watched.values().stream().filter(ExperimentStorePoller::follows).count();
        Duration share = SHARE.multipliedBy(running);
        return share.compareTo(progressInterval) > 0 ? share : progressInterval;
    }

    private void trigger(ResourceID id) {
        if (isRunning()) {
            getEventHandler().handleEvent(new Event(id));
        }
    }

    /** Tells of deleted experiments. */
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
        threads.shutdownNow();
        slow.close();
        watched.keySet().forEach(this::forget);
    }
}
