package dev.moco.operator.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Summary;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransitionsTest {
    /** A stage is written {@code STATE reason; pod; user failures; infrastructure's}. */
    @ParameterizedTest(name = "{0} to {1}")
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "-                      | Blocked needs a         | -",
                "Blocked needs a        | Pending is starting     | -",
                "Pending is starting    | Pending is starting     | -",
                "Pending is starting    | Running runs; p1        | Normal StageStarted: pretrain runs in pod p1",
                "Ready none             | Running runs; p1        | Normal StageStarted: pretrain runs in pod p1",
                "Running runs; p1       | Running runs; p1        | -",
                "-                      | Succeeded committed earlier"
                        + " | Normal StageSucceeded: pretrain committed earlier, digest 0123456789ab",
                "Running runs; p1       | Succeeded committed; p1"
                        + " | Normal StageSucceeded: pretrain committed, digest 0123456789ab",
                "Succeeded committed    | Succeeded committed     | -",
                "Running runs; p1       | Failed no such JPEG; p1; 1 | Warning StageFailed: pretrain: no such JPEG",
                "Failed no such JPEG    | Failed no such JPEG     | -",
                "Pending is starting    | Pending Insufficient nvidia.com/gpu"
                        + " | Warning StageWaiting: pretrain: Insufficient nvidia.com/gpu",
                "Pending Insufficient   | Pending Insufficient nvidia.com/gpu | -",
                "Pending Insufficient   | Running runs; p1        | Normal StageStarted: pretrain runs in pod p1",
                "Running runs; p1       | Pending runs again after: reset; p1; 1"
                        + " | Warning StageRestarted: pretrain has failed 1 time; runs again after: reset",
                "Running runs; p1       | Running runs; p2; 0; 1"
                        + " | Normal StageRestarted: pretrain lost pod p1 and continues in another; this costs no retry",
                "Stopping is deleted    | Suspended spec.suspend  | -",
                "Suspended spec.suspend | Running runs; p2        | Normal StageStarted: pretrain runs in pod p2",
                "Failed no such JPEG    | Pending is starting     | -"
            })
    void aTransitionOfAStageIsAnEvent(@Nullable String before, String after, @Nullable String events) {
        MoCoExperimentStatus previous = before == null ? null : status(null, stage(before));
        String found = Transitions.between(previous, status(null, stage(after))).stream()
                .map(TransitionsTest::text)
                .collect(Collectors.joining(" / "));
        assertThat(found).isEqualTo(events == null ? "" : events);
    }

    @ParameterizedTest(name = "{0} to {1}")
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "-                           | Suspended=False Not          | -",
                "-                           | Suspended=True Spec          | Normal Suspended: why",
                "Suspended=False Not         | Suspended=True Spec          | Normal Suspended: why",
                "Suspended=True Spec         | Suspended=True Spec          | -",
                "Suspended=True Spec         | Suspended=False Not          | Normal Resumed: spec.suspend is no longer set",
                "StorageReachable=True R     | StorageReachable=False U     | Warning StorageUnreachable: why",
                "StorageReachable=False U    | StorageReachable=True R      | Normal StorageRecovered: the store answers again",
                "StorageReachable=Unknown N  | StorageReachable=True R      | -",
                "DataLoaderBound=False L     | DataLoaderBound=True W       | Warning DataLoaderBound: why",
                "DataLoaderBound=True W      | DataLoaderBound=False L      | -",
                "Succeeded=Unknown P         | Succeeded=True S             | Normal ExperimentSucceeded: every stage is committed",
                "Succeeded=Unknown P         | Succeeded=False StageFailed  | Warning ExperimentFailed: ",
                "Succeeded=True S            | Succeeded=True S             | -",
                "Stalled=False NoFailure     | Stalled=True InvalidSpec     | Warning InvalidSpec: why",
                "Stalled=True InvalidSpec    | Stalled=True InvalidSpec     | -"
            })
    void aTransitionOfTheExperimentIsAnEvent(@Nullable String before, String after, @Nullable String events) {
        MoCoExperimentStatus previous = before == null ? null : status(null, condition(before));
        String found = Transitions.between(previous, status(null, condition(after))).stream()
                .map(TransitionsTest::text)
                .collect(Collectors.joining(" / "));
        assertThat(found.strip()).isEqualTo(events == null ? "" : events.strip());
    }

    @Test
    void aCanceledExperimentHasNotFailed() {
        List<Transition> found = Transitions.between(
                null, status(null, condition("Stalled=True Canceled"), condition("Succeeded=False Canceled")));
        assertThat(found).containsExactly(new Transition("Normal", "ExperimentCanceled", "", "why"));
    }

    @Test
    void anotherRetryTokenIsAnEvent() {
        assertThat(Transitions.between(status(null), status("2")))
                .containsExactly(new Transition(
                        "Normal", "RetryRequested", "", "spec.retryToken changed: failed stages are retried"));
    }

    @Test
    void aResumedStageNamesItsCheckpoint() {
        StageStatus was = stage("Pending is starting");
        StageStatus now = new StageStatus(
                "pretrain", "pretrain", "Running", "runs", "key", null, "job", "p2", "t", null, 0, 0, null, 15_000L);
        assertThat(Transitions.between(status(null, was), status(null, now)))
                .extracting(Transition::message)
                .containsExactly("pretrain runs in pod p2, from the checkpoint of step 15000");
    }

    @Test
    void aStageThatOnlyDependsOnAFailedOneHasNoEvent() {
        StageStatus dependent = new StageStatus(
                "linear",
                "linear",
                "Failed",
                "needs pretrain, which failed",
                null,
                null,
                null,
                null,
                null,
                null,
                0,
                0,
                null,
                null);
        assertThat(Transitions.between(null, status(null, dependent))).isEmpty();
    }

    private static String text(Transition transition) {
        return transition.type() + " " + transition.reason() + ": " + transition.message();
    }

    private static StageStatus stage(String text) {
        String[] parts = text.split(";\\s*", -1);
        int space = parts[0].indexOf(' ');
        return new StageStatus(
                "pretrain",
                "pretrain",
                parts[0].substring(0, space),
                parts[0].substring(space + 1),
                "0123456789ab",
                parts[0].startsWith("Succeeded") ? "0123456789ab" : null,
                "job",
                parts.length > 1 ? parts[1] : null,
                null,
                null,
                parts.length > 3 ? Integer.parseInt(parts[3]) : 0,
                parts.length > 2 ? Integer.parseInt(parts[2]) : 0,
                null,
                null);
    }

    private static Condition condition(String text) {
        String[] parts = text.split("[= ]", -1);
        return new Condition(parts[0], parts[1], parts[2], "why", null, null);
    }

    private static MoCoExperimentStatus status(@Nullable String token, Record... parts) {
        List<Condition> conditions = new ArrayList<>();
        List<StageStatus> stages = new ArrayList<>();
        for (Record part : parts) {
            if (part instanceof Condition condition) {
                conditions.add(condition);
            } else if (part instanceof StageStatus stage) {
                stages.add(stage);
            }
        }
        return new MoCoExperimentStatus(
                1L,
                conditions,
                stages,
                Summary.EMPTY,
                List.of(),
                List.of(),
                null,
                null,
                List.of(),
                token,
                null,
                null,
                null);
    }
}
