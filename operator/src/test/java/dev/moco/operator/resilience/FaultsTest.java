package dev.moco.operator.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.moco.operator.resilience.Calls.Call;
import dev.moco.operator.resilience.Calls.Disturbance;
import dev.moco.operator.resilience.SimulatedLife.End;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/**
 * Any call of an operator to the API server or to the store may go wrong once, in any way, without changing how an
 * experiment ends, which Jobs are created, and what the store holds. The operator is the real one above its Kubernetes
 * client's connection and above its buckets; time is virtual. {@code -Dmoco.faults=1} disturbs every call in every way,
 * else some of them.
 */
class FaultsTest {
    /** No multiple of the number of faults, so that every fault meets calls of every part of a life. */
    private static final int EVERY = Integer.getInteger("moco.faults", 47);

    private static final Logger ROOT = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private static @Nullable Level level;

    /** Each fault is logged. */
    @BeforeAll
    static void silence() {
        level = ROOT.getLevel();
        ROOT.setLevel(Level.OFF);
    }

    @AfterAll
    static void speak() {
        ROOT.setLevel(level);
    }

    @ParameterizedTest
    @EnumSource
    void anyCallMayGoWrongOnceWithoutChangingTheEnd(Story story) {
        End expected;
        List<Call> calls;
        try (SimulatedLife undisturbed = new SimulatedLife(story, Optional.empty())) {
            expected = undisturbed.run();
            calls = undisturbed.calls().made();
        }
        List<String> different = new ArrayList<>();
        int number = 0;
        int runs = 0;
        for (Call call : calls) {
            for (CallFault fault : CallFault.values()) {
                if (number++ % EVERY == 0) {
                    runs++;
                    difference(story, new Disturbance(call, fault), expected)
                            .ifPresent(found -> different.add(fault + " at " + call + ": " + found));
                }
            }
        }
        System.out.println(story + ": " + runs + " runs of " + number + " with a fault, " + different.size()
                + " of them ended differently");
        assertThat(different).isEmpty();
    }

    private static Optional<String> difference(Story story, Disturbance disturbance, End expected) {
        try (SimulatedLife life = new SimulatedLife(story, Optional.of(disturbance))) {
            End end = life.run();
            assertThat(life.calls().reached()).as("the call was made").isTrue();
            assertThat(end.jobs()).as("Jobs of each key").isEqualTo(expected.jobs());
            assertThat(end.ran()).as("pods of each key").isEqualTo(expected.ran());
            assertThat(end.objects()).as("objects").isEqualTo(expected.objects());
            assertThat(end.statuses()).as("statuses").isEqualTo(expected.statuses());
            return Optional.empty();
        } catch (AssertionError e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
