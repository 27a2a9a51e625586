package dev.moco.operator.scenes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.operator.jobs.StageJobs;
import dev.moco.operator.reconcile.MoCoOperator;
import dev.moco.operator.reconcile.OperatorFixture.OperatorProcess;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Two operators at once come to the end that one comes to, run no stage twice, and make no second Job. */
class TwoOperatorsIT {
    private static final Duration RUNS = Duration.ofMillis(300);
    /** Somebody can be killed meanwhile. */
    private static final Duration LONG = Duration.ofSeconds(20);

    /** The lease's duration, and what a busy machine adds. */
    private static final Duration TAKE_OVER = Duration.ofMinutes(10);

    @Test
    void twoThatBothActMakeOneJobOfEachStage() throws Exception {
        try (Life life = Life.of("two", RUNS);
                MoCoOperator one = life.operator(life.kubeconfig());
                MoCoOperator other = life.operator(life.kubeconfig())) {
            assertThat(one.healthAddress()).isPresent();
            assertThat(other.healthAddress()).isPresent();
            life.fixture().apply("tiny", "");
            life.fixture().awaitCondition("tiny", "Ready", "True");
            assertThat(life.ranTwice()).isEmpty();
            assertThat(life.jobsTwice()).isEmpty();
            assertThat(life.end("tiny")).isEqualTo(Life.undisturbed());
        }
    }

    @Test
    void threeExperimentsThatShareStagesUnderTwoOperatorsRunEachStageOnce() throws Exception {
        try (Life life = Life.of("share", RUNS);
                MoCoOperator one = life.operator(life.kubeconfig());
                MoCoOperator other = life.operator(life.kubeconfig())) {
            assertThat(one.healthAddress()).isPresent();
            assertThat(other.healthAddress()).isPresent();
            List<String> names = List.of("first", "second", "third");
            for (String name : names) {
                life.fixture().apply(name, "");
            }
            for (String name : names) {
                life.fixture().awaitCondition(name, "Ready", "True");
            }
            assertThat(life.ranTwice()).isEmpty();
            assertThat(life.jobsTwice()).isEmpty();
            assertThat(life.ran()).isEqualTo(Life.undisturbed().ran());
        }
    }

    @Test
    void whoWaitsTakesOverFromALeaderThatIsKilled() throws Exception {
        try (Life life = Life.of("elect")) {
            life.keep(life.cluster()
                    .node(life.fixture().namespace())
                    .fake(TwoOperatorsIT::pretrains, LONG, life.stages())
                    .fake(pod -> true, RUNS, life.stages())
                    .start());
            Path kubeconfig = life.kubeconfig();
            String[] election = {
                "--leader-election", "--lease-namespace", life.fixture().namespace()
            };
            OperatorProcess leader = life.fixture().process(kubeconfig, election);
            await().atMost(TAKE_OVER).until(() -> holder(life).isPresent());
            String first = holder(life).orElseThrow();
            OperatorProcess heir = life.fixture().process(kubeconfig, election);
            life.fixture().apply("tiny", "");
            life.fixture()
                    .awaitStatus(
                            "tiny",
                            status -> status.stages().stream()
                                    .anyMatch(stage -> stage.name().equals("pretrain")
                                            && stage.state().equals("Running")));
            assertThat(holder(life)).contains(first);
            long killed = System.nanoTime();
            leader.kill();
            await().atMost(TAKE_OVER)
                    .until(() -> holder(life).filter(now -> !now.equals(first)).isPresent());
            System.out.printf(
                    "the lease of a killed leader was taken over after %.1f s%n", (System.nanoTime() - killed) / 1e9);
            life.fixture().awaitCondition("tiny", "Ready", "True");
            assertThat(heir.process().isAlive()).isTrue();
            assertThat(life.ranTwice()).isEmpty();
            assertThat(life.jobsTwice()).isEmpty();
            assertThat(life.end("tiny")).isEqualTo(Life.undisturbed());
        }
    }

    private static boolean pretrains(Pod pod) {
        return "pretrain".equals(pod.getMetadata().getLabels().get(StageJobs.STAGE));
    }

    private static Optional<String> holder(Life life) {
        return Optional.ofNullable(life.fixture()
                        .client()
                        .leases()
                        .inNamespace(life.fixture().namespace())
                        .withName("moco-operator")
                        .get())
                .map(Lease::getSpec)
                .map(spec -> spec.getHolderIdentity());
    }
}
