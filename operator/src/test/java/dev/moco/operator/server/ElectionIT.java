package dev.moco.operator.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.contract.StageTask;
import dev.moco.operator.reconcile.FakeStages;
import dev.moco.operator.reconcile.OperatorFixture;
import dev.moco.operator.reconcile.OperatorFixture.OperatorProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Operators as processes, of which one acts at a time. */
class ElectionIT {
    private static final String[] ELECTION = {"--leader-election", "--lease-namespace"};

    private OperatorFixture fixture;
    private FakeStages stages;
    private Path kubeconfig;

    @BeforeEach
    void start() throws Exception {
        fixture = OperatorFixture.of("election");
        stages = new FakeStages(fixture.store());
        fixture.fakeNode(Duration.ofSeconds(2), stages);
        kubeconfig = fixture.cluster().kubeconfig();
    }

    @AfterEach
    void stop() throws Exception {
        fixture.close();
    }

    private OperatorProcess process() throws Exception {
        return fixture.process(kubeconfig, ELECTION[0], ELECTION[1], fixture.namespace());
    }

    @Test
    void aStoppedLeaderLeavesItsLeaseToTheOtherWhichEndsTheExperiment() throws Exception {
        OperatorProcess first = process();
        await().atMost(Duration.ofMinutes(1)).until(() -> first.said().contains("acquired the lease"));
        OperatorProcess second = process();
        second.awaitStart();
        fixture.apply("tiny", "");
        fixture.awaitStatus("tiny", status -> !status.stages().isEmpty());
        assertThat(second.said()).doesNotContain("acquired the lease");

        assertThat(first.stop()).isZero();
        assertThat(first.said()).contains("released the lease", "stopped");
        await().atMost(Duration.ofSeconds(12)).until(() -> second.said().contains("acquired the lease"));
        fixture.awaitCondition("tiny", "Ready", "True");
        assertThat(stages.ran().stream().map(StageTask::key).collect(Collectors.groupingBy(key -> key)))
                .allSatisfy((key, tasks) -> assertThat(tasks).hasSize(1))
                .hasSize(5);
        assertThat(second.stop()).isZero();
    }

    @Test
    void aKilledOperatorsSuccessorGoesOnWhereItWas() throws Exception {
        OperatorProcess first = process();
        await().atMost(Duration.ofMinutes(1)).until(() -> first.said().contains("acquired the lease"));
        fixture.apply("tiny", "");
        await().atMost(Duration.ofMinutes(1)).until(() -> !fixture.jobs().isEmpty());
        first.kill();
        OperatorProcess second = process();
        fixture.awaitCondition("tiny", "Ready", "True");
        assertThat(fixture.jobs()).hasSize(5);
        assertThat(second.stop()).isZero();
    }
}
