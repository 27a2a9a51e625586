package dev.moco.operator.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.report.ExperimentState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExperimentViewTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:00:00Z");

    @ParameterizedTest(name = "{0} s: {1}")
    @CsvSource({
        "0, 0s",
        "119, 119s",
        "120, 2m",
        "125, 2m5s",
        "3600, 60m",
        "10800, 3h",
        "11100, 3h5m",
        "86400, 24h",
        "176400, 2d1h",
        "864000, 10d",
        "-5, 0s"
    })
    void agesAreWrittenAsKubectlDoes(long seconds, String text) {
        assertThat(Age.of(Duration.ofSeconds(seconds))).isEqualTo(text);
    }

    @ParameterizedTest(name = "{0}={1} {2}, token {3} of {4}: {5}")
    @CsvSource({
        "Succeeded, True, Succeeded, '', '', SUCCEEDED",
        "Succeeded, False, StageFailed, '', '', FAILED",
        "Succeeded, False, Canceled, '', '', CANCELED",
        "Succeeded, False, StageFailed, again, '', RUNNING",
        "Succeeded, False, StageFailed, again, again, FAILED",
        "Succeeded, Unknown, InProgress, '', '', RUNNING",
        "Suspended, True, Suspended, '', '', SUSPENDED",
        "Stalled, True, StorageUnreachable, '', '', STALLED",
        "Stalled, False, NoFailure, '', '', RUNNING"
    })
    void conditionsDetermineTheState(
            String type, String status, String reason, String token, String actedOn, ExperimentState state) {
        assertThat(TestResources.view("""
                        spec: {retryToken: "%s"}
                        status:
                          retryToken: "%s"
                          conditions: [{type: %s, status: "%s", reason: %s}]
                        """.formatted(token, actedOn, type, status, reason))
                        .state())
                .isEqualTo(state);
    }

    @Test
    void withoutAStatusTheExperimentIsNotReconciledYet() {
        assertThat(TestResources.table1("new", "").state()).isEqualTo(ExperimentState.NEW);
        assertThat(ExperimentDetail.of(TestResources.table1("new", ""), false, NOW)
                        .lines())
                .containsExactly(
                        "new in papers: no operator has reconciled it yet; is one running for this namespace?");
    }

    @Test
    void aRunningExperimentHasOneLineForEachStage() {
        assertThat(String.join(
                        "\n",
                        ExperimentDetail.of(TestResources.running(), false, NOW).lines()))
                .isEqualTo("""
                        table1-d in papers: running, 1 of 3 stages done
                        DataLoaderBound True: DataWait: pretrain waits 34% of its time

                        STAGE              STATE       PROGRESS           ETA      IMG/S   DATA   LOSS    TIME   WHY
                        prepare-imagenet   Succeeded                                                      90m    committed
                        pretrain           Running     34% epoch 68/200   12h04m   812     34%    6.731   25h    \
                        runs (2 interruptions, 1 failure)
                        linear             Blocked                                                               \
                        needs pretrain; its key is known after that""");
    }

    @Test
    void wideOutputAddsKeysAndPods() {
        assertThat(ExperimentDetail.of(TestResources.running(), true, NOW)
                        .lines()
                        .get(5))
                .matches("pretrain .* 25h +3f2a91c0ffee +pretrain-3f2a91c0ffee-xyz12 +runs .*");
    }

    @Test
    void anEndedExperimentShowsItsResultsAndThePapers() {
        assertThat(String.join(
                        "\n",
                        ExperimentDetail.of(TestResources.succeeded(), false, NOW)
                                .lines()))
                .isEqualTo("""
                        table1-e in papers: succeeded after 2d5h, 424.0 GPU-hours

                        STAGE      STATE       PROGRESS   ETA   IMG/S   DATA   LOSS   TIME   WHY
                        pretrain   Succeeded                                                 committed

                        RESULT, %                       THIS RUN   UNTRAINED   GAIN    PAPER   DIFFERENCE
                        Linear top-1, best epoch (98)   67.4       12.1        +55.3   67.5    -0.1
                        VOC07 AP50, 5 trials            82.5±0.1                       82.4    +0.1
                        Reproduced True: WithinPublishedSpread: row (e)
                        Report: s3://experiments/moco/v1/experiments/papers/table1-e/7a1f/report.html""");
    }

    @Test
    void aListHasTheColumnsOfKubectl() {
        List<ExperimentView> all =
                List.of(TestResources.succeeded(), TestResources.running(), TestResources.table1("zz", ""));
        assertThat(String.join("\n", ExperimentList.of(all, false, false, NOW).lines()))
                .isEqualTo("""
                        NAME       STAGE       PROGRESS   ETA      TOP1   AP50       AP         AP75       READY   AGE
                        table1-d   pretrain    34%        12h04m                                           False   27h
                        table1-e   Succeeded   7/7                 67.4   82.5±0.1   57.0±0.2   63.6±0.4   True    27h
                        zz                                                                                         27h""");
        assertThat(ExperimentList.of(all, true, true, NOW).lines().get(1))
                .startsWith("papers      table1-d   pretrain    34%")
                .contains("6.731   812");
    }

    @Test
    void unknownFieldsOfAnotherVersionAreIgnored() {
        ExperimentView strange = TestResources.view("""
                metadata: {name: x, namespace: y, creationTimestamp: yesterday}
                status: {conditions: {Ready: yes}, stages: [{name: pretrain, state: Dreaming, progress: [1]}], summary: 5}
                """);
        assertThat(ExperimentDetail.of(strange, true, NOW).lines().get(0))
                .isEqualTo("x in y: running, 0 of 1 stages done");
        assertThat(ExperimentList.of(List.of(strange), true, true, NOW).table().rows())
                .hasSize(1);
    }

    @Test
    void noTextOfAStatusReachesATerminalWithALineBreakOrAnEscape() {
        ExperimentView view = TestResources.table1("hostile", """
                status:
                  conditions:
                    - {type: Stalled, status: "True", reason: StageFailed, message: "full\\e[2J\\n\\x9b1mReady"}
                  report: "| a |\\n|---|\\n| \\e]0;x\\a |\\n"
                  stages:
                    - {name: pretrain, stage: pretrain, state: Failed, reason: "lost\\r\\nmoco: all is well\\e[31m"}
                """);
        Frame frame = ExperimentDetail.of(view, true, Instant.parse("2026-01-01T00:00:00Z"));
        assertThat(frame.lines()).allSatisfy(line -> assertThat(line).doesNotContainPattern("\\p{Cc}"));
        assertThat(frame.lines())
                .anySatisfy(line -> assertThat(line).contains("full?[2J; ?1mReady"))
                .anySatisfy(line -> assertThat(line).endsWith("lost; moco: all is well?[31m"));
        assertThat(view.status().path("report").textValue()).isEqualTo("| a |\n|---|\n| ?]0;x? |\n");
    }
}
