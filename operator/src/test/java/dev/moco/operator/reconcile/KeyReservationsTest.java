package dev.moco.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClaimsTest {
    private static final ResourceID ONE = new ResourceID("a", "one");
    private static final ResourceID OTHER = new ResourceID("a", "other");

    private final KeyReservations claims = new KeyReservations(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));

    @Test
    void aKeyIsClaimedByOneExperimentAtATime() {
        assertThat(claims.claim(List.of("x", "y"), ONE)).isTrue();
        assertThat(claims.claim(List.of("x"), ONE)).isTrue();
        assertThat(claims.claim(List.of("y", "z"), OTHER)).isFalse();
        assertThat(claims.claim(List.of("z"), ONE))
                .as("a refused claim holds nothing")
                .isTrue();
        claims.drop(ONE);
        assertThat(claims.claim(List.of("y", "z"), OTHER)).isTrue();
    }

    @Test
    void whoWaitsForAKeyIsKnownUntilItWaitsForAnother() {
        claims.interest(ONE, List.of("x"));
        claims.interest(OTHER, List.of("x", "y"));
        assertThat(claims.interested(List.of("x"))).containsExactlyInAnyOrder(ONE, OTHER);
        claims.interest(ONE, List.of("z"));
        assertThat(claims.interested(List.of("x"))).containsExactly(OTHER);
        claims.drop(OTHER);
        assertThat(claims.interested(List.of("x", "y"))).isEmpty();
    }
}
