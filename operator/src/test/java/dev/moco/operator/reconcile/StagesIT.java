package dev.moco.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.operator.crd.MoCoExperimentStatus;
import dev.moco.operator.crd.MoCoExperimentStatus.StageStatus;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The operator on a real control plane, with the real stage programs in its pods. */
class StagesIT {
    private OperatorFixture fixture;

    @BeforeEach
    void start() throws Exception {
        fixture = OperatorFixture.of("stages");
        fixture.node();
        fixture.operator();
    }

    @AfterEach
    void stop() throws Exception {
        fixture.close();
    }

    @Test
    void anEvictedPretrainGoesOnFromItsCheckpointAndTheExperimentEndsWithItsFigures() throws Exception {
        fixture.apply(fixture.namespace(), "tiny", 200, "");
        fixture.awaitStatus("tiny", status -> checkpoint(status) > 0);
        String pod = fixture.stage("tiny", "pretrain").orElseThrow().pod();
        fixture.client().pods().inNamespace(fixture.namespace()).withName(pod).evict();
        await().atMost(Duration.ofMinutes(3))
                .untilAsserted(() -> assertThat(fixture.events("tiny"))
                        .anyMatch(event -> event.startsWith("Normal StageStarted: pretrain runs in pod")
                                && event.contains("from the checkpoint of step")));
        fixture.awaitCondition("tiny", "Ready", "True");
        StageStatus pretrain = fixture.stage("tiny", "pretrain").orElseThrow();
        assertThat(pretrain.pod()).isNotEqualTo(pod);
        assertThat(pretrain.infraFailures()).isEqualTo(1);
        assertThat(pretrain.userFailures()).isZero();
        assertThat(fixture.cluster()
                        .kubectl("get", "mocoexperiments", "-n", fixture.namespace())
                        .orFail()
                        .out())
                .containsPattern("NAME +STAGE +PROGRESS +ETA +TOP1 +AP50 +AP +AP75 +READY +AGE")
                .containsPattern("tiny +Succeeded +5/5 +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9.]+ +True");
    }

    private static long checkpoint(MoCoExperimentStatus status) {
        return status.stages().stream()
                .filter(stage ->
                        stage.name().equals("pretrain") && stage.state().equals("Running"))
                .map(StageStatus::checkpointStep)
                .mapToLong(step -> step == null ? 0 : step)
                .findFirst()
                .orElse(0);
    }
}
