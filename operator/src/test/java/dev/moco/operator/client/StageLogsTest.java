package dev.moco.operator.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StageLogsTest {
    @Test
    void theDefaultIsTheRunningStageOrTheLastThatRan() {
        assertThat(StageLogs.choose(TestResources.running(), null).name()).isEqualTo("pretrain");
        assertThat(StageLogs.choose(TestResources.succeeded(), null).name()).isEqualTo("pretrain");
        assertThat(StageLogs.choose(TestResources.running(), "linear").name()).isEqualTo("linear");
        assertThat(StageLogs.choose(TestResources.table1("x", """
                                status:
                                  stages:
                                    - {name: prepare-imagenet, state: Succeeded, job: j1, completionTime: "2026-01-01T00:00:09Z"}
                                    - {name: pretrain, state: Pending, job: j2}
                                    - {name: linear-baseline, state: Succeeded, job: j3, completionTime: "2026-01-01T00:00:08Z"}
                                """), null).name())
                .as("a stage that waits for its pod precedes ended stages")
                .isEqualTo("pretrain");
    }

    @Test
    void anUnknownStageIsReportedWithTheNearest() {
        assertThatThrownBy(() -> StageLogs.choose(TestResources.running(), "pretrian"))
                .isInstanceOf(StageFailure.class)
                .hasMessage("table1-d has no stage \"pretrian\"; nearest is \"pretrain\", it has: prepare-imagenet,"
                        + " pretrain, linear");
    }

    @Test
    void beforeAStageHasStartedTheReasonIsReported() {
        assertThatThrownBy(() -> StageLogs.choose(
                        TestResources.table1(
                                "x",
                                "status: {conditions: [{type: Ready}], stages: [{name: pretrain, state: Blocked,"
                                        + " reason: needs data}]}"),
                        null))
                .hasMessage("no stage of x has started: pretrain is Blocked, needs data");
    }

    @Test
    void withoutAPodTheMessageNamesTheCommittedLogs() {
        StageView ended = TestResources.succeeded().stages().get(0);
        assertThat(StageLogs.noPod(TestResources.succeeded(), ended))
                .isEqualTo("pretrain: pod pretrain-3f2a91c0ffee-xyz12 is gone; its committed logs are"
                        + " s3://experiments/moco/v1/stages/pretrain/3f2a91c0ffee.../files/*/logs/, and `moco report table1-e`"
                        + " draws them");
        assertThat(StageLogs.noPod(
                        TestResources.running(),
                        TestResources.running().stages().get(2)))
                .isEqualTo("linear has no pod now: it is Blocked, needs pretrain; its key is known after that");
    }

    @Test
    void anAttemptIsFoundByTheTaskOfItsPod() {
        Pod pretrain = pod("p-1", "10", StageTask.VARIABLE, "{\"name\":\"pretrain\",\"key\":\"aa01\"}");
        Pod again = pod("p-0", "20", StageTask.VARIABLE, "{\"name\":\"pretrain\",\"key\":\"aa01\"}");
        String trials = "[{\"name\":\"detect-1\",\"key\":\"d101\"},{\"name\":\"detect-4\",\"key\":\"d401\"}]";
        Pod first = pod("d-0", "10", StageTask.LIST_VARIABLE, trials, "0");
        Pod second = pod("d-1", "10", StageTask.LIST_VARIABLE, trials, "1");
        Pod others = pod("x", "10", "PATH", "/bin");
        List<Pod> pods = List.of(again, second, pretrain, first, others);
        assertThat(PodAttempt.of(pods, stage("pretrain", "aa0")))
                .extracting(PodAttempt::name)
                .containsExactly("p-1", "p-0");
        assertThat(PodAttempt.of(pods, stage("detect-0", "d40")))
                .as("a trial with another name in another experiment")
                .extracting(PodAttempt::name)
                .containsExactly("d-1");
        assertThat(PodAttempt.of(pods, stage("detect-1", "d11"))).isEmpty();
    }

    private static StageView stage(String name, String key) {
        return new StageView(
                TestResources.YAML.createObjectNode().put("name", name).put("key", key));
    }

    @Test
    void aPodThatDoesNotStartHasAReason() {
        PodAttempt pending = new PodAttempt(new PodBuilder(pod("p", "10", "A", "b"))
                .withNewStatus()
                .withPhase("Pending")
                .addNewCondition()
                .withType("PodScheduled")
                .withStatus("False")
                .withMessage("0/1 nodes are available: 1 Insufficient nvidia.com/gpu.")
                .endCondition()
                .endStatus()
                .build());
        assertThat(pending.waiting()).isEqualTo("0/1 nodes are available: 1 Insufficient nvidia.com/gpu.");
        assertThat(pending.ended()).isFalse();
    }

    private static Pod pod(String name, String second, String variable, String value, String... index) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withCreationTimestamp("2026-01-01T00:00:" + second + "Z")
                .withAnnotations(
                        index.length == 0 ? Map.of() : Map.of("batch.kubernetes.io/job-completion-index", index[0]))
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("stage")
                .withEnv(new EnvVarBuilder().withName(variable).withValue(value).build())
                .endContainer()
                .endSpec()
                .build();
    }
}
