package dev.moco.operator.storage;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that namespaces use in turn, so that a namespace whose server is slow delays only itself: each has at most a
 * quarter of them, and at most one while half of them are used. Work begins while the budget of requests lasts.
 */
final class NamespaceThreads {
    private static final Logger LOG = LoggerFactory.getLogger(NamespaceThreads.class);
    private static final int SHARES = 4;

    private final Executor executor;
    private final int threads;
    private final int share;
    private final RequestBudget budget;
    private final ScheduledExecutorService timer;
    /** Namespaces with work, in the order of their turns. */
    private final Map<String, Lane> lanes = new LinkedHashMap<>();

    private int running;
    private boolean waitsForBudget;

    /**
     * Uses an executor.
     *
     * @param threads work that it does at the same time
     * @param timer resumes when the budget permits
     */
    NamespaceThreads(Executor executor, int threads, RequestBudget budget, ScheduledExecutorService timer) {
        this.executor = executor;
        this.threads = threads;
        this.share = Math.max(1, threads / SHARES);
        this.budget = budget;
        this.timer = timer;
    }

    private static final class Lane {
        private final Queue<Runnable> waiting = new ArrayDeque<>();
        private int running;
    }

    /** Runs work of a namespace, once it is that namespace's turn. */
    void execute(String namespace, Runnable work) {
        synchronized (this) {
            lanes.computeIfAbsent(namespace, unused -> new Lane()).waiting.add(work);
        }
        start();
    }

    private void start() {
        try {
            for (Runnable next = next(); next != null; next = next()) {
                executor.execute(next);
            }
        } catch (RejectedExecutionException e) {
            LOG.debug("the operator is stopping", e);
        }
    }

    private synchronized @Nullable Runnable next() {
        if (running == threads) {
            return null;
        }
        Optional<Duration> soonest = Optional.empty();
        for (Map.Entry<String, Lane> turn : lanes.entrySet()) {
            String namespace = turn.getKey();
            Lane lane = turn.getValue();
            if (lane.running >= (running < threads / 2 ? share : 1) || lane.waiting.isEmpty()) {
                continue;
            }
            Duration wait = budget.remaining(namespace);
            if (wait.isZero()) {
                Runnable work = lane.waiting.remove();
                lane.running++;
                running++;
                lanes.remove(namespace);
                lanes.put(namespace, lane);
                return () -> run(namespace, lane, work);
            }
            soonest = soonest.filter(other -> other.compareTo(wait) <= 0).or(() -> Optional.of(wait));
        }
        soonest.ifPresent(this::resumeAfter);
        return null;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the timer only resumes
    private void resumeAfter(Duration wait) {
        if (!waitsForBudget) {
            waitsForBudget = true;
            timer.schedule(this::resume, wait.toMillis() + 1, TimeUnit.MILLISECONDS);
        }
    }

    private void resume() {
        synchronized (this) {
            waitsForBudget = false;
        }
        start();
    }

    private void run(String namespace, Lane lane, Runnable work) {
        try {
            budget.run(namespace, work);
        } finally {
            synchronized (this) {
                running--;
                lane.running--;
                if (lane.running == 0 && lane.waiting.isEmpty()) {
                    lanes.remove(namespace);
                }
            }
            start();
        }
    }
}
