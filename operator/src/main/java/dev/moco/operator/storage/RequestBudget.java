package dev.moco.operator.storage;

import dev.moco.operator.metrics.OperatorMetrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Requests to all stores: at most {@link #A_MINUTE}, after a burst of as many as ten seconds have. */
final class RequestBudget {
    static final int A_MINUTE = 30_000;
    private static final Duration EACH = Duration.ofMinutes(1).dividedBy(A_MINUTE);
    private static final Duration BURST = Duration.ofSeconds(10);

    private final OperatorMetrics metrics;
    private final Clock clock;
    /** Time until which the requests so far would take at the permitted rate. */
    private Instant spent = Instant.MIN;

    RequestBudget(OperatorMetrics metrics, Clock clock) {
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Counts a request that is made now. */
    synchronized void spend(String request) {
        metrics.storeRequested(request);
        Instant now = clock.instant();
        spent = (spent.isBefore(now) ? now : spent).plus(EACH);
    }

    /** Time until more work may begin; zero if it may now. */
    synchronized Duration remaining() {
        Instant now = clock.instant();
        Instant next = spent.equals(Instant.MIN) ? now : spent.minus(BURST);
        return next.isAfter(now) ? Duration.between(now, next) : Duration.ZERO;
    }
}
