package dev.moco.operator.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.reconcile.OperatorFixture.OperatorProcess;
import dev.moco.operator.server.MoCoOperator;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Two operators at once reach the same result as one, run no stage twice, and create no second Job. */
class TwoOperatorsIT {
    private static final Duration RUNS = Duration.ofMillis(300);
    /** Long enough to kill the leader while the stage runs. */
    private static final Duration LONG = Duration.ofSeconds(20);

    /** The lease's duration, with room for a busy machine. */
    private static final Duration TAKE_OVER = Duration.ofMinutes(10);

    @Test
    void twoActiveOperatorsCreateOneJobForEachStage() throws Exception {
        try (RecordedNamespace recorded = RecordedNamespace.of("two", RUNS);
                MoCoOperator one = recorded.operator(recorded.kubeconfig());
                MoCoOperator other = recorded.operator(recorded.kubeconfig())) {
            assertThat(one.healthAddress()).isPresent();
            assertThat(other.healthAddress()).isPresent();
            recorded.fixture().apply("tiny", "");
            recorded.fixture().awaitCondition("tiny", "Ready", "True");
            assertThat(recorded.ranTwice()).isEmpty();
            assertThat(recorded.jobsTwice()).isEmpty();
            assertThat(recorded.end("tiny")).isEqualTo(RecordedNamespace.undisturbed());
        }
    }

    @Test
    void threeExperimentsThatShareStagesUnderTwoOperatorsRunEachStageOnce() throws Exception {
        try (RecordedNamespace recorded = RecordedNamespace.of("share", RUNS);
                MoCoOperator one = recorded.operator(recorded.kubeconfig());
                MoCoOperator other = recorded.operator(recorded.kubeconfig())) {
            assertThat(one.healthAddress()).isPresent();
            assertThat(other.healthAddress()).isPresent();
            List<String> names = List.of("first", "second", "third");
            for (String name : names) {
                recorded.fixture().apply(name, "");
            }
            for (String name : names) {
                recorded.fixture().awaitCondition(name, "Ready", "True");
            }
            assertThat(recorded.ranTwice()).isEmpty();
            assertThat(recorded.jobsTwice()).isEmpty();
            assertThat(recorded.ran()).isEqualTo(RecordedNamespace.undisturbed().ran());
        }
    }

    @Test
    void theStandbyTakesOverFromAKilledLeader() throws Exception {
        try (RecordedNamespace recorded = RecordedNamespace.of("elect")) {
            recorded.closeLater(recorded.cluster()
                    .node(recorded.fixture().namespace())
                    .fake(TwoOperatorsIT::pretrains, LONG, recorded.stages())
                    .fake(pod -> true, RUNS, recorded.stages())
                    .start());
            Path kubeconfig = recorded.kubeconfig();
            String[] election = {
                "--leader-election", "--lease-namespace", recorded.fixture().namespace()
            };
            OperatorProcess leader = recorded.fixture().process(kubeconfig, election);
            await().atMost(TAKE_OVER).until(() -> holder(recorded).isPresent());
            String first = holder(recorded).orElseThrow();
            OperatorProcess standby = recorded.fixture().process(kubeconfig, election);
            recorded.fixture().apply("tiny", "");
            recorded.fixture()
                    .awaitStatus(
                            "tiny",
                            status -> status.stages().stream()
                                    .anyMatch(stage -> stage.name().equals("pretrain")
                                            && stage.state().equals("Running")));
            assertThat(holder(recorded)).contains(first);
            long killed = System.nanoTime();
            leader.kill();
            await().atMost(TAKE_OVER)
                    .until(() ->
                            holder(recorded).filter(now -> !now.equals(first)).isPresent());
            System.out.printf(
                    "the lease of a killed leader was taken over after %.1f s%n", (System.nanoTime() - killed) / 1e9);
            recorded.fixture().awaitCondition("tiny", "Ready", "True");
            assertThat(standby.process().isAlive()).isTrue();
            assertThat(recorded.ranTwice()).isEmpty();
            assertThat(recorded.jobsTwice()).isEmpty();
            assertThat(recorded.end("tiny")).isEqualTo(RecordedNamespace.undisturbed());
        }
    }

    private static boolean pretrains(Pod pod) {
        return "pretrain".equals(pod.getMetadata().getLabels().get(JobLabels.STAGE));
    }

    private static Optional<String> holder(RecordedNamespace recorded) {
        return Optional.ofNullable(recorded.fixture()
                        .client()
                        .leases()
                        .inNamespace(recorded.fixture().namespace())
                        .withName("moco-operator")
                        .get())
                .map(Lease::getSpec)
                .map(spec -> spec.getHolderIdentity());
    }
}
