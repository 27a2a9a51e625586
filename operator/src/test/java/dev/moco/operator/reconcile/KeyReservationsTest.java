package dev.moco.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class KeyReservationsTest {
    private static final ResourceID ONE = new ResourceID("a", "one");
    private static final ResourceID OTHER = new ResourceID("a", "other");

    private final KeyReservations reservations = new KeyReservations(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));

    @Test
    void aKeyIsReservedByOneExperimentAtATime() {
        assertThat(reservations.reserve(List.of("x", "y"), ONE)).isTrue();
        assertThat(reservations.reserve(List.of("x"), ONE)).isTrue();
        assertThat(reservations.reserve(List.of("y", "z"), OTHER)).isFalse();
        assertThat(reservations.reserve(List.of("z"), ONE))
                .as("a refused reservation reserves no key")
                .isTrue();
        reservations.drop(ONE);
        assertThat(reservations.reserve(List.of("y", "z"), OTHER)).isTrue();
    }

    @Test
    void watchersOfAKeyAreListedUntilTheyWatchOthers() {
        reservations.watch(ONE, List.of("x"));
        reservations.watch(OTHER, List.of("x", "y"));
        assertThat(reservations.watchers(List.of("x"))).containsExactlyInAnyOrder(ONE, OTHER);
        reservations.watch(ONE, List.of("z"));
        assertThat(reservations.watchers(List.of("x"))).containsExactly(OTHER);
        reservations.drop(OTHER);
        assertThat(reservations.watchers(List.of("x", "y"))).isEmpty();
    }

    @Test
    void aChangeOfOneExperimentCostsNothingForTheOthers() {
        long alone = hashes(1);
        assertThat(alone).isPositive();
        assertThat(hashes(2000)).isEqualTo(alone);
    }

    /** Counts the look-ups of an experiment that changes what it watches and reserves, beside others. */
    private static long hashes(int others) {
        KeyReservations reservations = new KeyReservations(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
        for (int other = 0; other < others; other++) {
            ResourceID id = new ResourceID("other-" + other, "lab");
            reservations.watch(id, List.of("a" + other, "b" + other));
            reservations.reserve(List.of("a" + other), id);
        }
        Counted counted = new Counted();
        reservations.watch(counted, List.of("x", "y"));
        reservations.reserve(List.of("x"), counted);
        reservations.watch(counted, List.of("y", "z"));
        reservations.drop(counted);
        return counted.hashes.get();
    }

    /** An experiment that counts how often it is looked up in a map or compared with another. */
    private static final class Counted extends ResourceID {
        private static final long serialVersionUID = 1;
        private final AtomicLong hashes = new AtomicLong();

        Counted() {
            super("counted", "lab");
        }

        @Override
        public int hashCode() {
            hashes.incrementAndGet();
            return super.hashCode();
        }

        @Override
        public boolean equals(Object other) {
            hashes.incrementAndGet();
            return this == other;
        }
    }
}
