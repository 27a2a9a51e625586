package dev.moco.operator.scenes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Stage;
import dev.moco.operator.jobs.StageJobs;
import dev.moco.operator.reconcile.MoCoOperator;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A Job that ended and was removed, as by its time to live, is never started again. */
class TtlIT {
    private static final Duration RUNS = Duration.ofMillis(300);

    @Test
    void noJobOfASucceededExperimentIsStartedAgain() throws Exception {
        try (Life life = Life.of("ttl", RUNS)) {
            try (MoCoOperator operator = life.operator(life.kubeconfig())) {
                assertThat(operator.healthAddress()).isPresent();
                life.fixture().apply("tiny", "");
                life.fixture().awaitCondition("tiny", "Ready", "True");
                removeJobs(life);
                disturb(life);
            }
            disturbWithANewOperator(life);
            assertThat(life.fixture().condition("tiny", "Ready")).startsWith("Ready=True");
            assertThat(life.ran()).isEqualTo(Life.undisturbed().ran());
            assertThat(life.jobsTwice()).isEmpty();
        }
    }

    @Test
    void noJobOfAFailedExperimentIsStartedAgain() throws Exception {
        try (Life life = Life.of("ttl", RUNS)) {
            life.stages().fail(Stage.PRETRAIN, ExitCode.BAD_CONFIG, "no such thing");
            try (MoCoOperator operator = life.operator(life.kubeconfig())) {
                assertThat(operator.healthAddress()).isPresent();
                life.fixture().apply("tiny", "");
                life.fixture().awaitCondition("tiny", "Succeeded", "False");
                removeJobs(life);
                disturb(life);
            }
            life.stages().mend();
            disturbWithANewOperator(life);
            assertThat(life.fixture().condition("tiny", "Succeeded")).startsWith("Succeeded=False");
            assertThat(life.fixture().stage("tiny", "pretrain").orElseThrow().reason())
                    .contains("no such thing");
            assertThat(life.ranTwice()).isEmpty();
            assertThat(life.jobsTwice()).isEmpty();
        }
    }

    @Test
    void aFailedStageIsNotStartedAgainWhileOthersRunOn() throws Exception {
        try (Life life = Life.of("ttl")) {
            life.stages().fail(Stage.LINEAR, ExitCode.BAD_CONFIG, "no such classifier");
            life.keep(life.cluster()
                    .node(life.fixture().namespace())
                    .fake(TtlIT::detects, Duration.ofSeconds(15), life.stages())
                    .fake(pod -> true, RUNS, life.stages())
                    .start());
            try (MoCoOperator operator = life.operator(life.kubeconfig())) {
                assertThat(operator.healthAddress()).isPresent();
                life.fixture().apply("tiny", "");
                life.fixture()
                        .awaitStatus(
                                "tiny",
                                status -> status.stages().stream()
                                        .anyMatch(stage -> stage.name().equals("linear")
                                                && stage.state().equals("Failed")));
                removeJobs(life);
            }
            life.stages().mend();
            try (MoCoOperator operator = life.operator(life.kubeconfig())) {
                assertThat(operator.healthAddress()).isPresent();
                life.fixture().awaitCondition("tiny", "Succeeded", "False");
            }
            assertThat(life.fixture().stage("tiny", "linear").orElseThrow().reason())
                    .contains("no such classifier");
            assertThat(life.ran()).contains("detect-0").containsOnlyOnce("linear");
            assertThat(life.ranTwice()).isEmpty();
            assertThat(life.jobsTwice()).isEmpty();
        }
    }

    private static boolean detects(Pod pod) {
        return "detect".equals(pod.getMetadata().getLabels().get(StageJobs.STAGE));
    }

    /** Removes Jobs as the controller of their time to live does, once they have ended. */
    private static void removeJobs(Life life) {
        await().atMost(Duration.ofMinutes(10)).until(() -> {
            List<Job> ended =
                    life.fixture().jobs().stream().filter(StageJobs::ended).toList();
            ended.forEach(job -> life.fixture()
                    .client()
                    .resource(job)
                    .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                    .delete());
            return ended.isEmpty();
        });
    }

    /** What makes an operator look at an experiment again. */
    private static void disturb(Life life) throws Exception {
        for (String spec : List.of("{\"timeouts\": {\"activeHours\": 7}}", "{\"failurePolicy\": {\"retries\": 5}}")) {
            life.fixture().patch("tiny", spec);
            TimeUnit.SECONDS.sleep(1);
        }
        long generation = life.fixture().experiment("tiny").getMetadata().getGeneration();
        life.fixture().awaitStatus("tiny", status -> status.observedGeneration() == generation);
        assertThat(life.fixture().jobs()).isEmpty();
    }

    private static void disturbWithANewOperator(Life life) throws Exception {
        try (MoCoOperator operator = life.operator(life.kubeconfig())) {
            assertThat(operator.healthAddress()).isPresent();
            life.fixture().patch("tiny", "{\"failurePolicy\": {\"retries\": 4}}");
            long generation = life.fixture().experiment("tiny").getMetadata().getGeneration();
            life.fixture().awaitStatus("tiny", status -> status.observedGeneration() == generation);
            TimeUnit.SECONDS.sleep(2);
            assertThat(life.fixture().jobs()).isEmpty();
        }
    }
}
