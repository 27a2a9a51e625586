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
 * informer has its Job, no other experiment of the same store may run the key too. Watchers of a key get events of
 * every Job with it. A key is given as a claim, which names its store too
 * ({@link dev.moco.operator.observe.ExperimentJobs#claims}).
 */
final class KeyReservations {
    /** After this time the informer has the Job, or it was not created. */
    private static final Duration DURATION = Duration.ofSeconds(30);

    private final Clock clock;
    private final Map<String, Reservation> reservations = new HashMap<>();
    private final Map<ResourceID, Set<String>> reserved = new HashMap<>();
    private final Map<String, Set<ResourceID>> watchersByClaim = new HashMap<>();
    /** The same by experiment, so that a change of one costs nothing for the others. */
    private final Map<ResourceID, Set<String>> watched = new HashMap<>();

    KeyReservations(Clock clock) {
        this.clock = clock;
    }

    private record Reservation(ResourceID holder, Instant until) {}

    /** Reserves all claims or none. */
    synchronized boolean reserve(Collection<String> claims, ResourceID holder) {
        Instant now = clock.instant();
        for (String claim : claims) {
            Reservation reservation = reservations.get(claim);
            if (reservation != null && !reservation.holder().equals(holder) && now.isBefore(reservation.until())) {
                return false;
            }
        }
        for (String claim : claims) {
            Reservation before = reservations.put(claim, new Reservation(holder, now.plus(DURATION)));
            if (before != null && !before.holder().equals(holder)) {
                reserved.getOrDefault(before.holder(), new HashSet<>()).remove(claim);
            }
        }
        reserved.computeIfAbsent(holder, unused -> new HashSet<>()).addAll(claims);
        return true;
    }

    /** Drops every reservation and watch of an experiment. */
    synchronized void drop(ResourceID holder) {
        Set<String> held = reserved.remove(holder);
        if (held != null) {
            reservations.keySet().removeAll(held);
        }
        watch(holder, Set.of());
    }

    /** Sets the claims whose Jobs concern an experiment, including Jobs of other owners. */
    synchronized void watch(ResourceID experiment, Collection<String> claims) {
        Set<String> now = Set.copyOf(claims);
        Set<String> before = now.isEmpty() ? watched.remove(experiment) : watched.put(experiment, now);
        if (before != null) {
            before.stream().filter(claim -> !now.contains(claim)).forEach(claim -> unwatch(experiment, claim));
        }
        now.forEach(claim -> watchersByClaim
                .computeIfAbsent(claim, unused -> new HashSet<>())
                .add(experiment));
    }

    private void unwatch(ResourceID experiment, String claim) {
        watchersByClaim.computeIfPresent(claim, (same, experiments) -> {
            experiments.remove(experiment);
            return experiments.isEmpty() ? null : experiments;
        });
    }

    /** Experiments that watch any of the claims. */
    synchronized Set<ResourceID> watchers(Collection<String> claims) {
        Set<ResourceID> all = new HashSet<>();
        claims.forEach(claim -> all.addAll(watchersByClaim.getOrDefault(claim, Set.of())));
        return all;
    }
}
