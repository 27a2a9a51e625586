package dev.moco.operator.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.localcluster.ApiProxy;
import dev.moco.localcluster.ApiProxy.Fault;
import dev.moco.operator.reconcile.CutNetwork;
import dev.moco.operator.server.MoCoOperator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * On the real control plane: something may go wrong at each write for an experiment, once, without changing its result.
 * {@link FaultsTest} disturbs reads and the store's calls too, and {@link KillIT} kills operators.
 */
class FaultsIT {
    private static final Duration SILENCE = Duration.ofSeconds(2);

    /** What happens to a proxy and to the store's network when a write has reached its place. */
    private interface Disturbance {
        void at(ApiProxy proxy, CutNetwork store);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"KILLED_BEFORE", "KILLED_AFTER"})
    void anyWriteMayGoWrongOnceWithoutChangingTheResult(CallFault fault) throws Exception {
        assertSameResult(fault.applied(), fault.answer(), (proxy, store) -> {
            switch (fault) {
                case WATCH_DROPPED -> proxy.dropWatches();
                case STALE_CACHE -> proxy.delayWatches(SILENCE);
                default -> {}
            }
        });
    }

    @Test
    void theStoreMayBeCutOffAtAnyWriteWithoutChangingTheResult() throws Exception {
        assertSameResult(true, 200, (proxy, store) -> {
            try {
                store.cut();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            CompletableFuture.delayedExecutor(SILENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(store::mend);
        });
    }

    private static void assertSameResult(boolean applied, int answer, Disturbance disturbance) throws Exception {
        try (RecordedNamespace recorded = RecordedNamespace.of("faults", Duration.ofMillis(300))) {
            Set<String> met = ConcurrentHashMap.newKeySet();
            CutNetwork store = recorded.fixture().network();
            AtomicReference<ApiProxy> own = new AtomicReference<>();
            // A repeated write succeeds.
            ApiProxy proxy = recorded.proxy(write -> met.add(write.identity())
                    ? new Fault(applied, answer, () -> disturbance.at(own.get(), store))
                    : Fault.NONE);
            own.set(proxy);
            try (MoCoOperator operator = recorded.operator(recorded.kubeconfig(proxy))) {
                assertThat(operator.healthAddress()).isPresent();
                recorded.fixture().apply("tiny", "");
                recorded.fixture().awaitCondition("tiny", "Ready", "True");
                // At least five Jobs, two statuses and an event are written.
                assertThat(met).hasSizeGreaterThanOrEqualTo(8);
                assertThat(recorded.ranTwice()).isEmpty();
                assertThat(recorded.jobsTwice()).isEmpty();
                assertThat(recorded.end("tiny")).isEqualTo(RecordedNamespace.undisturbed());
            }
        }
    }
}
