package dev.moco.operator.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final Backoff backoff = new Backoff();

    @Test
    void theDelayDoublesUpTo30Seconds() {
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            backoff.failed("no", NOW);
            waits.add(backoff.remaining(NOW).toSeconds());
        }
        assertThat(waits).containsExactly(1L, 2L, 4L, 8L, 16L, 30L, 30L, 30L);
        assertThat(backoff.remaining(NOW.plusSeconds(31))).isEqualTo(Duration.ZERO);
    }

    @Test
    void aSingleFailureIsNotReported() {
        backoff.failed("connection refused", NOW);
        assertThat(backoff.problem()).isEmpty();
        backoff.failed("connection refused", NOW);
        assertThat(backoff.problem()).contains("connection refused");
        assertThat(backoff.succeeded()).isTrue();
        assertThat(backoff.problem()).isEmpty();
        assertThat(backoff.succeeded()).isFalse();
    }
}
