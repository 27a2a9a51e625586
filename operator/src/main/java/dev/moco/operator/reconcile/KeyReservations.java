package dev.moco.operator.reconcile;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Reservations of keys by experiments of this process. From the time an experiment decides to run a key until the
 * informer has its Job, no experiment of any namespace may run the key too. Watchers of a key get events of every Job
 * with it.
 */
final class KeyReservations {
    /** After this time the informer has the Job, or it was not created. */
    private static final Duration DURATION = Duration.ofSeconds(30);

    private final Clock clock;
    private final Map<String, Reservation> reservations = new HashMap<>();
    private final Map<String, Set<ResourceID>> watchersByKey = new HashMap<>();

    KeyReservations(Clock clock) {
        this.clock = clock;
    }

    private record Reservation(ResourceID holder, Instant until) {}

    /** Reserves all keys or none. */
    synchronized boolean reserve(Collection<String> keys, ResourceID holder) {
        Instant now = clock.instant();
        for (String key : keys) {
            Reservation reservation = reservations.get(key);
            if (reservation != null && !reservation.holder().equals(holder) && now.isBefore(reservation.until())) {
                return false;
            }
        }
        keys.forEach(key -> reservations.put(key, new Reservation(holder, now.plus(DURATION))));
        return true;
    }

    /** Drops every reservation and watch of an experiment. */
    synchronized void drop(ResourceID holder) {
        reservations.values().removeIf(reservation -> reservation.holder().equals(holder));
        watchersByKey.values().forEach(experiments -> experiments.remove(holder));
        watchersByKey.values().removeIf(Set::isEmpty);
    }

    /** Sets the keys whose Jobs concern an experiment, including Jobs of other owners. */
    synchronized void watch(ResourceID experiment, Collection<String> keys) {
        watchersByKey.forEach((key, experiments) -> {
            if (!keys.contains(key)) {
                experiments.remove(experiment);
            }
        });
        watchersByKey.values().removeIf(Set::isEmpty);
        keys.forEach(key ->
                watchersByKey.computeIfAbsent(key, unused -> new HashSet<>()).add(experiment));
    }

    /** Experiments that watch any of the keys. */
    synchronized Set<ResourceID> watchers(Collection<String> keys) {
        Set<ResourceID> all = new HashSet<>();
        keys.forEach(key -> all.addAll(watchersByKey.getOrDefault(key, Set.of())));
        return all;
    }
}
