package dev.moco.operator.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Stage;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.server.MoCoOperator;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A Job that ended and was removed, as by its ttlSecondsAfterFinished, is never started again. */
class TtlIT {
    private static final Duration RUNS = Duration.ofMillis(300);

    @Test
    void noJobOfASucceededExperimentIsStartedAgain() throws Exception {
        try (RecordedNamespace recorded = RecordedNamespace.of("ttl", RUNS)) {
            try (MoCoOperator operator = recorded.operator(recorded.kubeconfig())) {
                assertThat(operator.healthAddress()).isPresent();
                recorded.fixture().apply("tiny", "");
                recorded.fixture().awaitCondition("tiny", "Ready", "True");
                removeJobs(recorded);
                disturb(recorded);
            }
            disturbWithANewOperator(recorded);
            assertThat(recorded.fixture().condition("tiny", "Ready")).startsWith("Ready=True");
            assertThat(recorded.ran()).isEqualTo(RecordedNamespace.undisturbed().ran());
            assertThat(recorded.jobsTwice()).isEmpty();
        }
    }

    @Test
    void noJobOfAFailedExperimentIsStartedAgain() throws Exception {
        try (RecordedNamespace recorded = RecordedNamespace.of("ttl", RUNS)) {
            recorded.stages().fail(Stage.PRETRAIN, ExitCode.BAD_CONFIG, "no such thing");
            try (MoCoOperator operator = recorded.operator(recorded.kubeconfig())) {
                assertThat(operator.healthAddress()).isPresent();
                recorded.fixture().apply("tiny", "");
                recorded.fixture().awaitCondition("tiny", "Succeeded", "False");
                removeJobs(recorded);
                disturb(recorded);
            }
            recorded.stages().mend();
            disturbWithANewOperator(recorded);
            assertThat(recorded.fixture().condition("tiny", "Succeeded")).startsWith("Succeeded=False");
            assertThat(recorded.fixture()
                            .stage("tiny", "pretrain")
                            .orElseThrow()
                            .reason())
                    .contains("no such thing");
            assertThat(recorded.ranTwice()).isEmpty();
            assertThat(recorded.jobsTwice()).isEmpty();
        }
    }

    @Test
    void aFailedStageIsNotStartedAgainWhileOthersRunOn() throws Exception {
        try (RecordedNamespace recorded = RecordedNamespace.of("ttl")) {
            recorded.stages().fail(Stage.LINEAR, ExitCode.BAD_CONFIG, "no such classifier");
            recorded.closeLater(recorded.cluster()
                    .node(recorded.fixture().namespace())
                    .fake(TtlIT::detects, Duration.ofSeconds(15), recorded.stages())
                    .fake(pod -> true, RUNS, recorded.stages())
                    .start());
            try (MoCoOperator operator = recorded.operator(recorded.kubeconfig())) {
                assertThat(operator.healthAddress()).isPresent();
                recorded.fixture().apply("tiny", "");
                recorded.fixture()
                        .awaitStatus(
                                "tiny",
                                status -> status.stages().stream()
                                        .anyMatch(stage -> stage.name().equals("linear")
                                                && stage.state().equals("Failed")));
                removeJobs(recorded);
            }
            recorded.stages().mend();
            try (MoCoOperator operator = recorded.operator(recorded.kubeconfig())) {
                assertThat(operator.healthAddress()).isPresent();
                recorded.fixture().awaitCondition("tiny", "Succeeded", "False");
            }
            assertThat(recorded.fixture().stage("tiny", "linear").orElseThrow().reason())
                    .contains("no such classifier");
            assertThat(recorded.ran()).contains("detect-0").containsOnlyOnce("linear");
            assertThat(recorded.ranTwice()).isEmpty();
            assertThat(recorded.jobsTwice()).isEmpty();
        }
    }

    private static boolean detects(Pod pod) {
        return "detect".equals(pod.getMetadata().getLabels().get(JobLabels.STAGE));
    }

    /** Removes Jobs that have ended, as the TTL controller does. */
    private static void removeJobs(RecordedNamespace recorded) {
        await().atMost(Duration.ofMinutes(10)).until(() -> {
            List<Job> ended =
                    recorded.fixture().jobs().stream().filter(JobLabels::ended).toList();
            ended.forEach(job -> recorded.fixture()
                    .client()
                    .resource(job)
                    .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                    .delete());
            return ended.isEmpty();
        });
    }

    /** Changes the spec, so that the operator reconciles the experiment again. */
    private static void disturb(RecordedNamespace recorded) throws Exception {
        for (String spec : List.of("{\"timeouts\": {\"activeHours\": 7}}", "{\"failurePolicy\": {\"retries\": 5}}")) {
            recorded.fixture().patch("tiny", spec);
            TimeUnit.SECONDS.sleep(1);
        }
        long generation = recorded.fixture().experiment("tiny").getMetadata().getGeneration();
        recorded.fixture().awaitStatus("tiny", status -> status.observedGeneration() == generation);
        assertThat(recorded.fixture().jobs()).isEmpty();
    }

    private static void disturbWithANewOperator(RecordedNamespace recorded) throws Exception {
        try (MoCoOperator operator = recorded.operator(recorded.kubeconfig())) {
            assertThat(operator.healthAddress()).isPresent();
            recorded.fixture().patch("tiny", "{\"failurePolicy\": {\"retries\": 4}}");
            long generation =
                    recorded.fixture().experiment("tiny").getMetadata().getGeneration();
            recorded.fixture().awaitStatus("tiny", status -> status.observedGeneration() == generation);
            TimeUnit.SECONDS.sleep(2);
            assertThat(recorded.fixture().jobs()).isEmpty();
        }
    }
}
