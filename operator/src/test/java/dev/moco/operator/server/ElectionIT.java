package dev.moco.operator.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.contract.StageTask;
import dev.moco.operator.reconcile.FakeStages;
import dev.moco.operator.reconcile.OperatorFixture;
import dev.moco.operator.reconcile.OperatorFixture.OperatorProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
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
    void aStoppedLeaderReleasesItsLeaseAndTheStandbyFinishesTheExperiment() throws Exception {
        OperatorProcess first = process();
        await().atMost(Duration.ofMinutes(10)).until(() -> first.logText().contains("acquired the lease"));
        OperatorProcess second = process();
        second.awaitStart();
        fixture.apply("tiny", "");
        fixture.awaitStatus("tiny", status -> !status.stages().isEmpty());
        assertThat(second.logText()).doesNotContain("acquired the lease");

        String leader = holder();
        assertThat(leader).isNotEmpty();
        assertThat(first.stop()).isZero();
        assertThat(holder()).as("holder of the lease after its release").isNotEqualTo(leader);
        assertThat(first.logText()).contains("released the lease", "stopped");
        await().atMost(Duration.ofMinutes(10)).until(() -> second.logText().contains("acquired the lease"));
        fixture.awaitCondition("tiny", "Ready", "True");
        assertThat(stages.ran().stream().map(StageTask::key).collect(Collectors.groupingBy(key -> key)))
                .allSatisfy((key, tasks) -> assertThat(tasks).hasSize(1))
                .hasSize(5);
        assertThat(second.stop()).isZero();
    }

    private String holder() {
        return Optional.ofNullable(fixture.client()
                        .leases()
                        .inNamespace(fixture.namespace())
                        .withName("moco-operator")
                        .get()
                        .getSpec()
                        .getHolderIdentity())
                .orElse("");
    }

    @Test
    void aRestartedOperatorContinuesAfterAKill() throws Exception {
        OperatorProcess first = process();
        await().atMost(Duration.ofMinutes(10)).until(() -> first.logText().contains("acquired the lease"));
        fixture.apply("tiny", "");
        await().atMost(Duration.ofMinutes(10)).until(() -> !fixture.jobs().isEmpty());
        first.kill();
        OperatorProcess second = process();
        fixture.awaitCondition("tiny", "Ready", "True");
        assertThat(fixture.jobs()).hasSize(5);
        assertThat(second.stop()).isZero();
    }
}
