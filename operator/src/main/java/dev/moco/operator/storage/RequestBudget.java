package dev.moco.operator.storage;

import dev.moco.operator.metrics.OperatorMetrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Requests to all stores: at most {@link #A_MINUTE}, after a burst of as many as ten seconds have. Where others have
 * spent them, a namespace still has {@link #OWN_A_MINUTE}, so that none can stop the work of the others.
 */
final class RequestBudget {
    static final int A_MINUTE = 30_000;
    static final int OWN_A_MINUTE = 600;
    private static final Duration BURST = Duration.ofSeconds(10);
    /** Requests of a namespace are forgotten after this time. */
    private static final Duration REMEMBERED = Duration.ofHours(1);

    private final OperatorMetrics metrics;
    private final Clock clock;
    private final ThreadLocal<String> spender = ThreadLocal.withInitial(() -> "");
    /** Time until which the requests so far would take at the permitted rate. */
    private Instant spent = Instant.MIN;
    /** The same for the requests of each namespace at its own rate. */
    private final Map<String, Instant> spentBy = new HashMap<>();

    RequestBudget(OperatorMetrics metrics, Clock clock) {
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Runs work whose requests a namespace pays. */
    void run(String namespace, Runnable work) {
        spender.set(namespace);
        try {
            work.run();
        } finally {
            spender.remove();
        }
    }

    /** Counts a request that this thread makes now. */
    synchronized void spend(String request) {
        metrics.storeRequested(request);
        Instant now = clock.instant();
        spent = later(spent, now).plus(Duration.ofMinutes(1).dividedBy(A_MINUTE));
        Instant own = later(spentBy.getOrDefault(spender.get(), now), now)
                .plus(Duration.ofMinutes(1).dividedBy(OWN_A_MINUTE));
        Instant latest = now.plus(REMEMBERED);
        spentBy.put(spender.get(), own.isBefore(latest) ? own : latest);
    }

    /** Time until more work of a namespace may begin; zero if it may now. */
    synchronized Duration remaining(String namespace) {
        Instant now = clock.instant();
        spentBy.values().removeIf(own -> own.isBefore(now));
        Duration all = Duration.between(now, later(spent, now)).minus(BURST);
        Duration own =
                Duration.between(now, spentBy.getOrDefault(namespace, now)).minus(BURST);
        Duration shorter = own.compareTo(all) < 0 ? own : all;
        return shorter.isNegative() ? Duration.ZERO : shorter;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
