package dev.moco.localcluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.localcluster.ContainerState.Running;
import dev.moco.localcluster.ContainerState.Terminated;
import dev.moco.localcluster.ContainerState.Waiting;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A pod's phase and conditions, computed from its containers. */
class PodStatusesTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

    @ParameterizedTest(name = "init {0}, main {1} {2}, over {3}: {4}")
    @CsvSource({
        "-, waiting, waiting, false, Pending",
        "running, waiting, waiting, false, Pending",
        "0, running, waiting, false, Running",
        "-, running, running, false, Running",
        "-, 0, running, false, Running",
        "-, 0, 0, true, Succeeded",
        "-, 0, 3, true, Failed",
        "-, 3, 3, false, Running",
        "1, waiting, waiting, true, Failed",
        "0, 0, 0, true, Succeeded"
    })
    void phases(String init, String first, String second, boolean over, String phase) {
        List<ContainerRun> containers = new ArrayList<>(List.of(run(first, false), run(second, false)));
        if (!init.equals("-")) {
            containers.add(0, run(init, true));
        }
        assertThat(PodStatuses.phase(containers, over)).isEqualTo(phase);
    }

    @Test
    void conditionsChangeTheirTimeOnlyWithTheirStatus() {
        PodStatuses statuses = new PodStatuses(NOW);
        ContainerRun run = run("running", false);
        Instant later = NOW.plusSeconds(60);
        assertThat(times(statuses.of(List.of(run), false, false, NOW))).containsEntry("Ready", "2026-01-02T03:04:05Z");
        assertThat(times(statuses.of(List.of(run), false, false, later)))
                .containsEntry("Ready", "2026-01-02T03:04:05Z");
        run.probed(true, false);
        assertThat(times(statuses.of(List.of(run), false, false, later)))
                .containsEntry("Ready", "2026-01-02T03:05:05Z");
    }

    @Test
    void aPodThatTheNodeEndedIsDisrupted() {
        PodStatus status = new PodStatuses(NOW).of(List.of(run("137", false)), true, true, NOW);
        assertThat(status.getConditions())
                .filteredOn(condition -> condition.getType().equals("DisruptionTarget"))
                .singleElement()
                .satisfies(condition -> assertThat(condition.getReason()).isEqualTo("TerminationByKubelet"));
    }

    @Test
    void delaysOfRestartsDoubleAfterTheFirst() {
        ContainerRun run = run("3", false);
        List<Duration> waits = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            waits.add(run.backOff("a/b", Duration.ofSeconds(10)));
        }
        assertThat(waits).extracting(Duration::toSeconds).containsExactly(0L, 10L, 20L, 40L, 80L, 160L, 300L, 300L);
        assertThat(run.status().getState().getWaiting().getReason()).isEqualTo("CrashLoopBackOff");
        assertThat(run.status().getLastState().getTerminated().getExitCode()).isEqualTo(3);
    }

    private static Map<String, String> times(PodStatus status) {
        return status.getConditions().stream()
                .collect(Collectors.toMap(PodCondition::getType, PodCondition::getLastTransitionTime));
    }

    private static ContainerRun run(String state, boolean init) {
        ContainerRun run =
                new ContainerRun(new ContainerBuilder().withName("main").build(), init);
        run.state = switch (state) {
            case "waiting" -> new Waiting("ContainerCreating", "");
            case "running" -> new Running("process://1", NOW, true, true);
            default -> new Terminated("process://1", Integer.parseInt(state), "Error", "", NOW, NOW);
        };
        return run;
    }
}
