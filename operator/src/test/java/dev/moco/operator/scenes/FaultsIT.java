package dev.moco.operator.scenes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.scenes.ApiProxy.Fault;
import dev.moco.operator.server.MoCoOperator;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each write of an experiment's life goes wrong once, and the experiment comes to the same end. */
class FaultsIT {
    /** How a write goes wrong. */
    enum Wrong {
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
    void eachWriteThatGoesWrongOnceLeadsToTheSameEnd(Wrong wrong) throws Exception {
        try (Life life = Life.of("faults", Duration.ofMillis(300))) {
            Set<String> met = ConcurrentHashMap.newKeySet();
            // A write that is repeated passes.
            ApiProxy proxy = life.proxy(write -> met.add(write.identity()) ? wrong.fault() : Fault.NONE);
            try (MoCoOperator operator = life.operator(life.kubeconfig(proxy))) {
                assertThat(operator.healthAddress()).isPresent();
                life.fixture().apply("tiny", "");
                life.fixture().awaitCondition("tiny", "Ready", "True");
                // At least its five Jobs, two statuses and an event.
                assertThat(met).hasSizeGreaterThanOrEqualTo(8);
                assertThat(life.ranTwice()).isEmpty();
                assertThat(life.jobsTwice()).isEmpty();
                assertThat(life.end("tiny")).isEqualTo(Life.undisturbed());
            }
        }
    }
}
