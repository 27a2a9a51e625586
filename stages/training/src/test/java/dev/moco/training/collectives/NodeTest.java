package dev.moco.training.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeTest {
    private static final Map<String, String> POD = Map.of(
            "MOCO_NODES", "3",
            "JOB_COMPLETION_INDEX", "2",
            "MOCO_POD_IP", "10.1.0.7",
            "MOCO_POD_UID", "0b7a-11",
            "MOCO_JOB_UID", "77-c0");

    @Test
    void aPodOfSeveralKnowsItsPlace() {
        assertThat(Node.of(POD)).isEqualTo(new Node(2, 3, "10.1.0.7", "0b7a-11", "77-c0"));
        assertThat(Node.of(POD).prefix()).isEqualTo("node 2 of 3: ");
    }

    @Test
    void withoutNodesAProcessIsAlone() {
        assertThat(Node.of(Map.of())).isEqualTo(Node.ALONE);
        // A trial of detection has an index too.
        assertThat(Node.of(Map.of("JOB_COMPLETION_INDEX", "4"))).isEqualTo(Node.ALONE);
        assertThat(Node.of(Map.of("MOCO_NODES", "1"))).isEqualTo(Node.ALONE);
        assertThat(Node.ALONE.prefix()).isEmpty();
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource({
        "MOCO_NODES, two",
        "MOCO_NODES, 0",
        "JOB_COMPLETION_INDEX,",
        "JOB_COMPLETION_INDEX, 3",
        "JOB_COMPLETION_INDEX, -1",
        "MOCO_POD_IP,",
        "MOCO_POD_IP, pod.example",
        "MOCO_POD_UID, ../../other",
        "MOCO_JOB_UID,"
    })
    void aWrongVariableIsNamed(String variable, String value) {
        Map<String, String> environment = new HashMap<>(POD);
        environment.remove(variable);
        if (value != null) {
            environment.put(variable, value);
        }
        assertThatThrownBy(() -> Node.of(environment))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessageStartingWith(variable);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "fd00::7", "::ffff:10.0.0.1"})
    void addressesAreNumbers(String text) {
        assertThat(Node.address(text)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", "dead.beef", "300.1.1.1", "10.1"})
    void noNameIsLookedUp(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Node.address(text));
    }

    @Test
    void theProcessesOfANodeFollowEachOther() {
        World third = new World(2, 4, 2);
        assertThat(third.here()).isEqualTo(2);
        assertThat(third.indexHere()).isZero();
        assertThat(third.ranks(8)).isEqualTo(2);
        assertThat(third.firstRank(8)).isEqualTo(4);
        assertThatThrownBy(() -> new World(0, 3, 2))
                .hasMessage("each node must have as many devices, found 3 devices on 2 nodes");
    }
}
