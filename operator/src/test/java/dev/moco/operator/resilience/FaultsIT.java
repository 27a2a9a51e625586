package dev.moco.operator.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.localcluster.ApiProxy;
import dev.moco.localcluster.ApiProxy.Fault;
import dev.moco.operator.server.MoCoOperator;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Any write for an experiment may fail once without changing its result. */
class FaultsIT {
    /** Kind of failure of a write. */
    enum WriteFailure {
        CONFLICT,
        TOO_MANY_REQUESTS,
        SERVER_ERROR,
        SERVER_ERROR_AFTER_IT_WAS_APPLIED,
        CONNECTION_LOST,
        CONNECTION_LOST_AFTER_IT_WAS_APPLIED;

        Fault fault() {
            return switch (this) {
                case CONFLICT -> Fault.refused(409);
                case TOO_MANY_REQUESTS -> Fault.refused(429);
                case SERVER_ERROR -> Fault.refused(500);
                case SERVER_ERROR_AFTER_IT_WAS_APPLIED -> new Fault(true, 500, () -> {});
                case CONNECTION_LOST -> Fault.cut(false);
                case CONNECTION_LOST_AFTER_IT_WAS_APPLIED -> Fault.cut(true);
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void anyWriteMayFailOnceWithoutChangingTheResult(WriteFailure failure) throws Exception {
        try (RecordedNamespace recorded = RecordedNamespace.of("faults", Duration.ofMillis(300))) {
            Set<String> met = ConcurrentHashMap.newKeySet();
            // A repeated write succeeds.
            ApiProxy proxy = recorded.proxy(write -> met.add(write.identity()) ? failure.fault() : Fault.NONE);
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
