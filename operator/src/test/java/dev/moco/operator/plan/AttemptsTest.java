package dev.moco.operator.plan;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.Optional;
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

    private static Attempts verdict(TaskState state, String note) {
        return new Attempts(Optional.of(state), note, 0, null, null);
    }
}
