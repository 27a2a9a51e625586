package dev.moco.operator.reconcile;

import java.time.Duration;
import java.util.Optional;

/** The shorter of two optional durations. */
final class Durations {
    private Durations() {}

    static Optional<Duration> shorter(Optional<Duration> one, Optional<Duration> other) {
        return one.isPresent() && other.isPresent()
                ? Optional.of(one.get().compareTo(other.get()) < 0 ? one.get() : other.get())
                : one.or(() -> other);
    }
}
