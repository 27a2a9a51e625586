package dev.moco.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.moco.contract.Termination;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AttemptsTest {
    @ParameterizedTest
    @EnumSource(
            value = TaskState.class,
            names = {"PENDING", "RUNNING", "STOPPING"})
    void anActiveVerdictHasANote(TaskState state) {
        assertThatNoException().isThrownBy(() -> verdict(state, "waits for a node"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> verdict(state, ""))
                .withMessage("verdict " + state.text() + " has no note");
    }

    @ParameterizedTest
    @EnumSource(
            value = TaskState.class,
            names = {"PENDING", "RUNNING", "STOPPING", "FAILED"},
            mode = EnumSource.Mode.EXCLUDE)
    void aStateThatThePlanDecidesIsNoVerdict(TaskState state) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> verdict(state, "waits for a node"))
                .withMessage("a verdict is active or Failed, found " + state.text());
    }

    @Test
    void faultsAreCountedSinceTheNewestCheckpoint() {
        Attempts attempts = Attempts.NONE;
        for (int fault = 1; fault <= 3; fault++) {
            attempts = attempts.started().ended(new Termination(1, "reset", null), true, 100, Instant.EPOCH);
            assertThat(attempts.faults()).isEqualTo(fault);
        }
        attempts = attempts.ended(new Termination(1, "reset", null), true, 200, Instant.EPOCH);
        assertThat(attempts.faults()).isEqualTo(1);
        attempts = attempts.ended(new Termination(1, "reset", null), true, 0, Instant.EPOCH);
        assertThat(attempts.faults()).as("an unread checkpoint is no new one").isEqualTo(2);
    }

    private static Attempts verdict(TaskState state, String note) {
        return new Attempts(Optional.of(state), note, 0, 0, null, null);
    }
}
