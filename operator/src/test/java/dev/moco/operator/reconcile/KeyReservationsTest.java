package dev.moco.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
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
}
