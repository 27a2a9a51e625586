package dev.moco.training.collectives;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Termination;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EndsTest {
    private static final Ends LOST = end(0, null, Launcher.LOST_ANOTHER, "process 0 of 3 lost process 1");
    private static final Ends DONE = end(0, null, ExitCode.DONE, null);

    @Test
    void theFirstProcessesEndIsThatOfTheStageWhereAllAreDone() {
        Termination first = new Termination(ExitCode.DONE, null, "digest");
        assertThat(Ends.of(List.of(new Ends(0, null, first), end(1, null, ExitCode.DONE, null)), 2, Node.ALONE))
                .isEqualTo(first);
    }

    @Test
    void theCauseIsReportedAndNotWhatFollowsFromIt() {
        assertThat(Ends.of(List.of(LOST, end(1, null, 137, "was killed by signal 9"), LOST), 3, Node.ALONE))
                .isEqualTo(new Termination(ExitCode.FAULT, "device 1 of 3 was killed by signal 9", null));
        assertThat(Ends.of(
                        List.of(LOST, LOST, end(2, "gave no sign for 5 s", 137, "was killed by signal 9")),
                        3,
                        Node.ALONE))
                .isEqualTo(new Termination(ExitCode.FAULT, "device 2 of 3 gave no sign for 5 s", null));
        assertThat(Ends.of(
                        List.of(LOST, end(1, null, ExitCode.INTERRUPTED, "stopped"), end(2, null, 3, "no heap")),
                        3,
                        Node.ALONE))
                .isEqualTo(new Termination(ExitCode.FAULT, "device 2 of 3 no heap", null));
        assertThat(Ends.of(List.of(LOST, DONE), 2, Node.ALONE).exitCode()).isEqualTo(ExitCode.FAULT);
    }

    @Test
    void badDataBadConfigurationAndInterruptionsKeepTheirCodes() {
        Ends badData = end(1, null, ExitCode.BAD_DATA, "image a is damaged");
        assertThat(Ends.of(List.of(LOST, badData), 2, Node.ALONE)).isEqualTo(badData.termination());
        Ends badConfig = end(1, null, ExitCode.BAD_CONFIG, "no");
        assertThat(Ends.of(List.of(end(0, null, 1, "fault"), badConfig), 2, Node.ALONE))
                .isEqualTo(badConfig.termination());
        Ends stopped = end(0, null, ExitCode.INTERRUPTED, "stopped at step 3, with a checkpoint");
        assertThat(Ends.of(List.of(stopped, end(1, null, ExitCode.INTERRUPTED, "stopped at step 3")), 2, Node.ALONE))
                .isEqualTo(stopped.termination());
    }

    @Test
    void whatAnotherNodeHasCausedIsAnInterruptionHere() {
        Node node = new Node(1, 2, "192.0.2.7", "pod", "job");
        assertThat(Ends.of(List.of(LOST, LOST), 2, node))
                .isEqualTo(new Termination(
                        ExitCode.INTERRUPTED, "node 1 of 2: device 0 of 2 process 0 of 3 lost process 1", null));
        assertThat(Ends.of(List.of(LOST, end(1, null, 137, "was killed by signal 9")), 2, node))
                .isEqualTo(new Termination(ExitCode.FAULT, "node 1 of 2: device 1 of 2 was killed by signal 9", null));
        assertThat(Ends.of(List.of(LOST, end(1, null, ExitCode.BAD_DATA, "image a is damaged")), 2, node))
                .isEqualTo(new Termination(ExitCode.BAD_DATA, "node 1 of 2: image a is damaged", null));
        assertThat(Ends.of(List.of(DONE, DONE), 2, node)).isEqualTo(DONE.termination());
        // Pods that never reach each other have no cause elsewhere, so that each such end is a retry.
        assertThat(Ends.of(List.of(LOST, end(1, null, Launcher.APART, "cannot connect")), 2, node))
                .isEqualTo(new Termination(ExitCode.FAULT, "node 1 of 2: device 1 of 2 cannot connect", null));
    }

    private static Ends end(int index, @Nullable String givenUp, int exitCode, @Nullable String message) {
        return new Ends(index, givenUp, new Termination(exitCode, message, null));
    }
}
