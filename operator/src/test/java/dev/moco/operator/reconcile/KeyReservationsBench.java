package dev.moco.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Prints the time that a reconciliation takes for what it watches, beside others; {@code -Dmoco.bench=true} runs it. */
@EnabledIfSystemProperty(named = "moco.bench", matches = "true")
class KeyReservationsBench {
    private static final int RECONCILIATIONS = 20_000;

    @Test
    void watching() {
        for (int experiments : new int[] {100, 1_000, 10_000, 100_000}) {
            KeyReservations reservations = new KeyReservations(Clock.systemUTC());
            for (int i = 0; i < experiments; i++) {
                reconcile(reservations, i, 0);
            }
            long start = System.nanoTime();
            for (int number = 0; number < RECONCILIATIONS; number++) {
                reconcile(reservations, number % experiments, number);
            }
            long micros = (System.nanoTime() - start) / RECONCILIATIONS / 1000;
            System.out.println("experiments=" + experiments + " microseconds a reconciliation=" + micros);
            assertThat(reservations.watchers(List.of("0-3"))).hasSize(1);
        }
    }

    private static void reconcile(KeyReservations reservations, int experiment, int number) {
        ResourceID id = new ResourceID("x" + experiment, "lab");
        reservations.watch(
                id, List.of(experiment + "-" + number % 3, experiment + "-3", experiment + "-4", experiment + "-5"));
    }
}
