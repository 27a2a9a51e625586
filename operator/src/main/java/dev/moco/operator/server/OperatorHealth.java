package dev.moco.operator.server;

import io.javaoperatorsdk.operator.Operator;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Health of the operator: only a restart repairs an informer that has lost its watch for long. */
final class OperatorHealth {
    /** A shorter outage of the API server is no reason to restart. */
    private static final Duration TOLERATED = Duration.ofMinutes(5);

    private final Clock clock;
    private volatile @Nullable Operator operator;
    private @Nullable Instant unhealthySince;

    OperatorHealth(Clock clock) {
        this.clock = clock;
    }

    void started(Operator started) {
        operator = started;
    }

    /** Liveness: the problem, or an empty text. */
    synchronized String alive() {
        List<String> unhealthy = unhealthy();
        if (unhealthy.isEmpty()) {
            unhealthySince = null;
            return "";
        }
        Instant now = clock.instant();
        if (unhealthySince == null) {
            unhealthySince = now;
        }
        return now.isBefore(unhealthySince.plus(TOLERATED))
                ? ""
                : "no watch since " + unhealthySince + ": " + String.join(", ", unhealthy);
    }

    /** Readiness: the problem, or an empty text. */
    String ready() {
        if (operator == null) {
            return "starting";
        }
        List<String> unhealthy = unhealthy();
        return unhealthy.isEmpty() ? "" : "no watch: " + String.join(", ", unhealthy);
    }

    private List<String> unhealthy() {
        Operator running = operator;
        if (running == null) {
            return List.of();
        }
        Map<String, ? extends Map<String, ?>> unhealthy =
                running.getRuntimeInfo().unhealthyInformerWrappingEventSourceHealthIndicator();
        return unhealthy.values().stream()
                .flatMap(sources -> sources.keySet().stream())
                .sorted()
                .toList();
    }
}
