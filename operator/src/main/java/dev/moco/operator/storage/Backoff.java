package dev.moco.operator.storage;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Between attempts at what fails: one second, two, and so on up to half a minute. A single failure is not told of, for the
 * next attempt mostly mends it.
 */
final class Backoff {
    private static final int LONGEST_SECONDS = 30;

    private int failures;
    private String problem = "";
    private Instant next = Instant.MIN;

    synchronized void failed(String what, Instant now) {
        failures++;
        problem = what;
        next = now.plusSeconds(Math.min(LONGEST_SECONDS, 1L << Math.min(failures - 1, 10)));
    }

    /** Whether this ends a problem. */
    synchronized boolean succeeded() {
        boolean ended = failures > 0;
        failures = 0;
        next = Instant.MIN;
        return ended;
    }

    synchronized Duration left(Instant now) {
        return now.isBefore(next) ? Duration.between(now, next) : Duration.ZERO;
    }

    synchronized Optional<String> problem() {
        return failures > 1 ? Optional.of(problem) : Optional.empty();
    }
}
