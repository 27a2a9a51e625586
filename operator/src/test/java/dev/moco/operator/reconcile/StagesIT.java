package dev.moco.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.contract.Stage;
import dev.moco.contract.StageTask;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.jobs.JobLabels;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
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
    void anEvictedPretrainResumesFromItsCheckpointAndTheExperimentHasItsMetrics() throws Exception {
        fixture.apply(fixture.namespace(), "tiny", 200, "");
        fixture.awaitStatus("tiny", StagesIT::pretrains);
        String pod = Objects.requireNonNull(
                fixture.stage("tiny", "pretrain").orElseThrow().pod());
        StageTask task = FakeStages.task(fixture.client()
                .pods()
                .inNamespace(fixture.namespace())
                .withName(pod)
                .get());
        // Read from the store, since the status shows the progress of a fast stage late.
        awaitStepAfter(task, 0);
        fixture.client().pods().inNamespace(fixture.namespace()).withName(pod).evict();
        // The first pod saved a checkpoint at SIGTERM; none is due by time.
        fixture.awaitStatus("tiny", status -> checkpoint(status, pod) > 0 || pretrained(status));
        fixture.awaitCondition("tiny", "Ready", "True");
        StageStatus pretrain = fixture.stage("tiny", "pretrain").orElseThrow();
        assertThat(pretrain.pod()).isNotEqualTo(pod);
        assertThat(fixture.cluster()
                        .kubectl("logs", "-n", fixture.namespace(), Objects.requireNonNull(pretrain.pod()))
                        .orFail()
                        .out())
                .containsPattern("resuming from the checkpoint of step=[1-9]");
        assertThat(pretrain.infraFailures()).isEqualTo(1);
        assertThat(pretrain.userFailures()).isZero();
        assertThat(fixture.cluster()
                        .kubectl("get", "mocoexperiments", "-n", fixture.namespace())
                        .orFail()
                        .out())
                .containsPattern("NAME +STAGE +PROGRESS +ETA +TOP1 +AP50 +AP +AP75 +READY +AGE")
                .containsPattern("tiny +Succeeded +5/5 +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9.]+ +True");
    }

    @Test
    void anEvictedPodOfTwoThatPreTrainTogetherCostsNoRetry() throws Exception {
        // So many epochs that no machine ends them before the test does.
        String two = fixture.experiment("nodes", 20_000, "")
                .replace("pretrain: {cpu: 2}", "pretrain: {cpu: 1, nodes: 2}")
                .replace("linear: {epochs", "linear: {enabled: false, epochs")
                .replace("{trials: 1,", "{enabled: false, trials: 1,");
        fixture.cluster()
                .kubectlWithInput(two, "apply", "-n", fixture.namespace(), "-f", "-")
                .orFail();
        fixture.awaitStatus("nodes", StagesIT::pretrains);
        await().atMost(Duration.ofMinutes(10)).until(() -> pretrainPods().size() == 2);
        List<Pod> pods = pretrainPods();
        StageTask task = FakeStages.task(pods.get(1));
        awaitStepAfter(task, 0);
        // As a drained node does; both pods save the same checkpoint.
        fixture.client()
                .pods()
                .inNamespace(fixture.namespace())
                .withName(pods.get(1).getMetadata().getName())
                .evict();
        await().atMost(Duration.ofMinutes(10))
                .until(() -> fixture.stage("nodes", "pretrain")
                        .filter(stage -> stage.infraFailures() == 1)
                        .isPresent());
        // Neither pod goes on alone: further steps are those of the next pair.
        awaitStepAfter(
                task,
                fixture.store()
                        .progress(Stage.PRETRAIN, task.key())
                        .orElseThrow()
                        .step());
        StageStatus pretrain = fixture.stage("nodes", "pretrain").orElseThrow();
        assertThat(pretrain.userFailures()).isZero();
        assertThat(pretrain.infraFailures()).isEqualTo(1);
        assertThat(fixture.jobs())
                .filteredOn(job -> job.getMetadata().getName().startsWith("pretrain-"))
                .hasSize(1);
    }

    private List<Pod> pretrainPods() {
        return fixture.pods().stream()
                .filter(pod -> "pretrain".equals(pod.getMetadata().getLabels().get(JobLabels.STAGE)))
                .sorted(Comparator.comparing(
                        pod -> pod.getMetadata().getAnnotations().get(JobLabels.COMPLETION_INDEX)))
                .toList();
    }

    private void awaitStepAfter(StageTask task, long step) {
        await().atMost(Duration.ofMinutes(10))
                .until(() -> fixture.store()
                        .progress(Stage.PRETRAIN, task.key())
                        .filter(progress -> progress.step() > step)
                        .isPresent());
    }

    private static boolean pretrains(MoCoExperimentStatus status) {
        return status.stages().stream()
                .anyMatch(stage ->
                        stage.name().equals("pretrain") && stage.state().equals("Running") && stage.pod() != null);
    }

    /** The stage may end before its status is read: then its log alone says from where it resumed. */
    private static boolean pretrained(MoCoExperimentStatus status) {
        return status.stages().stream()
                .anyMatch(stage ->
                        stage.name().equals("pretrain") && stage.state().equals("Succeeded"));
    }

    /** Checkpoint that the status of the replacing pod shows; 0 for none. */
    private static long checkpoint(MoCoExperimentStatus status, String evicted) {
        return status.stages().stream()
                .filter(stage -> stage.name().equals("pretrain")
                        && stage.state().equals("Running")
                        && !evicted.equals(stage.pod()))
                .map(StageStatus::checkpointStep)
                .mapToLong(step -> step == null ? 0 : step)
                .findFirst()
                .orElse(0);
    }
}
