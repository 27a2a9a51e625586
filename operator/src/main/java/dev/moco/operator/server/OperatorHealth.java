package dev.moco.operator.server;

import io.javaoperatorsdk.operator.Operator;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether the operator hears of what happens: an informer that has been deaf for long is cured by a restart alone. */
final class OperatorHealth {
    /** An API server that is away for a while is no reason to restart. */
    private static final Duration DEAF = Duration.ofMinutes(5);

    private final Clock clock;
    private volatile @Nullable Operator operator;
    private @Nullable Instant deafSince;

    OperatorHealth(Clock clock) {
        this.clock = clock;
    }

    void started(Operator started) {
        operator = started;
    }

    /** What is wrong; the empty text is well. */
    synchronized String alive() {
        List<String> deaf = deaf();
        if (deaf.isEmpty()) {
            deafSince = null;
            return "";
        }
        Instant now = clock.instant();
        if (deafSince == null) {
            deafSince = now;
        }
        return now.isBefore(deafSince.plus(DEAF)) ? "" : "no watch since " + deafSince + ": " + String.join(", ", deaf);
    }

    String ready() {
        if (operator == null) {
            return "starting";
        }
        List<String> deaf = deaf();
        return deaf.isEmpty() ? "" : "no watch: " + String.join(", ", deaf);
    }

    private List<String> deaf() {
        Operator running = operator;
        if (running == null) {
            return List.of();
        }
        Map<String, ? extends Map<String, ?>> deaf =
                running.getRuntimeInfo().unhealthyInformerWrappingEventSourceHealthIndicator();
        return deaf.values().stream()
                .flatMap(sources -> sources.keySet().stream())
                .sorted()
                .toList();
    }
}
