package dev.moco.operator.storage;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Exponential backoff, 1 to 30 s; a single failure is not reported. */
final class Backoff {
    private static final int LONGEST_SECONDS = 30;

    private int failures;
    private String problem = "";
    private Instant next = Instant.MIN;

    synchronized void failed(String message, Instant now) {
        failures++;
        problem = message;
        next = now.plusSeconds(Math.min(LONGEST_SECONDS, 1L << Math.min(failures - 1, 10)));
    }

    /** Resets the backoff; true if a failure preceded. */
    synchronized boolean succeeded() {
        boolean ended = failures > 0;
        failures = 0;
        next = Instant.MIN;
        return ended;
    }

    /** Time until the next attempt; zero if it may start now. */
    synchronized Duration remaining(Instant now) {
        return now.isBefore(next) ? Duration.between(now, next) : Duration.ZERO;
    }

    /** Message of the last failure, once at least two happened in a row. */
    synchronized Optional<String> problem() {
        return failures > 1 ? Optional.of(problem) : Optional.empty();
    }
}
