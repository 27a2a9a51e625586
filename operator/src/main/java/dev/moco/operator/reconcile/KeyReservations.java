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
 * Which experiment of this process is about to run a key: between its decision and its Job in the informer another
 * experiment, of whatever namespace, must not do the same. Others that wait for a key are told of every Job that has it.
 */
final class KeyReservations {
    /** By then the informer has the Job, or there is none. */
    private static final Duration HELD = Duration.ofSeconds(30);

    private final Clock clock;
    private final Map<String, Claim> claims = new HashMap<>();
    private final Map<String, Set<ResourceID>> interested = new HashMap<>();

    KeyReservations(Clock clock) {
        this.clock = clock;
    }

    private record Claim(ResourceID holder, Instant until) {}

    /** KeyReservations all keys or none. */
    synchronized boolean claim(Collection<String> keys, ResourceID holder) {
        Instant now = clock.instant();
        for (String key : keys) {
            Claim claim = claims.get(key);
            if (claim != null && !claim.holder().equals(holder) && now.isBefore(claim.until())) {
                return false;
            }
        }
        keys.forEach(key -> claims.put(key, new Claim(holder, now.plus(HELD))));
        return true;
    }

    /** Drops every claim and interest of an experiment. */
    synchronized void drop(ResourceID holder) {
        claims.values().removeIf(claim -> claim.holder().equals(holder));
        interested.values().forEach(those -> those.remove(holder));
        interested.values().removeIf(Set::isEmpty);
    }

    /** Notes the keys whose Jobs matter to an experiment, whoever owns them. */
    synchronized void interest(ResourceID experiment, Collection<String> keys) {
        interested.forEach((key, those) -> {
            if (!keys.contains(key)) {
                those.remove(experiment);
            }
        });
        interested.values().removeIf(Set::isEmpty);
        keys.forEach(key ->
                interested.computeIfAbsent(key, unused -> new HashSet<>()).add(experiment));
    }

    synchronized Set<ResourceID> interested(Collection<String> keys) {
        Set<ResourceID> all = new HashSet<>();
        keys.forEach(key -> all.addAll(interested.getOrDefault(key, Set.of())));
        return all;
    }
}
