package dev.moco.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.localcluster.TestNode;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.server.MoCoOperator;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Jobs and pods that outlive their resource, on a real API server with its garbage collector. */
class OrphanIT {
    private static final Duration RUNS = Duration.ofMillis(200);
    private static final Duration ENDLESS = Duration.ofHours(1);

    @Test
    void anOrphanedJobIsAdoptedAndSuspendStopsItsPod() throws Exception {
        try (OperatorFixture fixture = OperatorFixture.of("orphan")) {
            FakeStages stages = new FakeStages(fixture.store());
            fixture.node(node -> node.fake(OrphanIT::pretrains, ENDLESS, stages).fake(pod -> true, RUNS, stages));
            try (MoCoOperator operator = fixture.operator()) {
                assertThat(operator.healthAddress()).isPresent();
                fixture.apply("tiny", "");
                awaitRunning(fixture);
                Job job = pretraining(fixture).get(0);

                fixture.cluster()
                        .kubectl("delete", "-n", fixture.namespace(), "mocoexperiment/tiny", "--cascade=orphan")
                        .orFail();
                fixture.apply("tiny", "");
                String uid = fixture.experiment("tiny").getMetadata().getUid();
                await().atMost(Duration.ofMinutes(10))
                        .until(() ->
                                pretraining(fixture).stream().anyMatch(adopted -> JobLabels.isOwnedBy(adopted, uid)));
                awaitRunning(fixture);
                assertThat(pretraining(fixture))
                        .extracting(found -> found.getMetadata().getUid())
                        .containsExactly(job.getMetadata().getUid());

                fixture.patch("tiny", "{\"suspend\": true}");
                fixture.awaitCondition("tiny", "Suspended", "True");
                assertThat(pretraining(fixture)).isEmpty();
                assertThat(fixture.pods()).noneMatch(OrphanIT::pretrains);
            }
        }
    }

    @Test
    void aResourceThatIsAppliedAgainWaitsForTheOldPod() throws Exception {
        try (OperatorFixture fixture = OperatorFixture.of("outlives")) {
            FakeStages stages = new FakeStages(fixture.store());
            TestNode node = fixture.node(builder ->
                    builder.fake(OrphanIT::pretrains, ENDLESS, stages).fake(pod -> true, RUNS, stages));
            try (MoCoOperator operator = fixture.operator()) {
                assertThat(operator.healthAddress()).isPresent();
                fixture.apply("tiny", "");
                awaitRunning(fixture);
                String pod = fixture.pods().stream()
                        .filter(OrphanIT::pretrains)
                        .findFirst()
                        .orElseThrow()
                        .getMetadata()
                        .getName();
                // Nobody ends the pod, as while a stage saves a long checkpoint.
                node.crash();
                fixture.cluster()
                        .kubectl("delete", "-n", fixture.namespace(), "mocoexperiment/tiny")
                        .orFail();
                await().atMost(Duration.ofMinutes(10))
                        .until(() -> pretraining(fixture).isEmpty());
                fixture.apply("tiny", "");
                fixture.awaitStatus(
                        "tiny",
                        status -> status.stages().stream()
                                .anyMatch(stage -> stage.name().equals("pretrain")
                                        && stage.state().equals("Stopping")
                                        && stage.reason().contains(pod)));
                assertThat(pretraining(fixture)).isEmpty();

                fixture.cluster()
                        .kubectl("delete", "-n", fixture.namespace(), "pod/" + pod, "--force", "--grace-period=0")
                        .orFail();
                await().atMost(Duration.ofMinutes(10))
                        .until(() -> !pretraining(fixture).isEmpty());
            }
        }
    }

    private static void awaitRunning(OperatorFixture fixture) {
        fixture.awaitStatus(
                "tiny",
                status -> status.stages().stream()
                        .anyMatch(stage ->
                                stage.name().equals("pretrain") && stage.state().equals("Running")));
    }

    private static List<Job> pretraining(OperatorFixture fixture) {
        return fixture.jobs().stream()
                .filter(job -> JobLabels.keys(job).containsKey("pretrain"))
                .toList();
    }

    private static boolean pretrains(Pod pod) {
        return "pretrain".equals(pod.getMetadata().getLabels().get(JobLabels.STAGE));
    }
}
