package dev.moco.operator.reconcile;

import dev.moco.operator.crd.MoCoExperiment;
import dev.moco.operator.jobs.StoreView;
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
final class StoreWatch extends AbstractEventSource<Void, MoCoExperiment> implements ResourceEventAware<MoCoExperiment> {
    private static final int THREADS = 8;
    /** Each look at progress may become a write of a status, and the API server is to see five a second at most. */
    private static final Duration SHARE = Duration.ofMillis(200);

    private final Stores stores;
    private final OperatorMetrics metrics;
    private final Clock clock;
    private final Duration progressInterval;
    private final Map<ResourceID, Watched> watched = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor threads =
            new ScheduledThreadPoolExecutor(THREADS, DaemonThreads.named("store"));
    private final SlowLooks slow = new SlowLooks();
    private Consumer<ResourceID> deleted = this::forget;

    StoreWatch(Stores stores, OperatorMetrics metrics, Clock clock, Duration progressInterval) {
        super(Void.class, "store");
        this.stores = stores;
        this.metrics = metrics;
        this.clock = clock;
        this.progressInterval = progressInterval;
        threads.setRemoveOnCancelPolicy(true);
    }

    /** What is known so far; never waits. */
    StoreView view(ResourceID id, String uid) {
        Watched known = watched.get(id);
        return known == null || !known.uid().equals(uid) ? StoreView.EMPTY : known.view();
    }

    /** Asks for what is missing; an event tells when it is there. */
    void want(ResourceID id, String uid, Wanted wanted) {
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

    private Watched open(ResourceID id, String uid, StoreLogin login) {
        SharedStore store = stores.acquire(login);
        Watched made = new Watched(
                uid,
                login,
                wake -> new StoreLooks(store, slow, metrics, clock, wake),
                threads,
                clock,
                this::interval,
                () -> trigger(id));
        store.onRecovery(made.now());
        return made;
    }

    private void close(@Nullable Watched known) {
        if (known != null) {
            known.close();
            stores.release(known.login(), known.now());
        }
    }

    /** Whether a key was looked at so lately that its stage may be started on it; if not, it is looked at again. */
    boolean fresh(ResourceID id, Iterable<String> keys) {
        Watched known = watched.get(id);
        return known != null && known.fresh(keys);
    }

    void forget(ResourceID id) {
        close(watched.remove(id));
    }

    private Duration interval() {
        long running = watched.values().stream().filter(Watched::follows).count();
        Duration share = SHARE.multipliedBy(running);
        return share.compareTo(progressInterval) > 0 ? share : progressInterval;
    }

    private void trigger(ResourceID id) {
        if (isRunning()) {
            getEventHandler().handleEvent(new Event(id));
        }
    }

    /** Tells of deleted experiments. */
    void onDeletion(Consumer<ResourceID> listener) {
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
