package dev.moco.operator.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.localcluster.AuditEvent;
import dev.moco.operator.api.MoCoExperiment;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.reconcile.OperatorFixture.OperatorProcess;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Many experiments at once: their number of writes is bounded, and nothing is written after they have
 * ended. {@code -Dmoco.experiments=100} sets their number, {@code -Dmoco.idle=PT20S} the time without writes, and
 * {@code -Dmoco.bare=true} compares with the time that a client without an operator takes for the same writes.
 */
class ScaleIT {
    private static final int EXPERIMENTS = Integer.getInteger("moco.experiments", 100);
    private static final Duration IDLE = Duration.parse(System.getProperty("moco.idle", "PT20S"));
    private static final boolean BARE = Boolean.getBoolean("moco.bare");
    /** As 1,000 experiments with a share of ten pods each need. */
    private static final String PODS = Integer.toString(Math.max(4000, 10 * EXPERIMENTS));

    private static final Duration RUNS = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final int WRITES_A_STAGE = 12;
    private static final double TIMES_AS_LONG = 1.5;

    @Test
    void manyExperimentsSucceedWithFewWritesAndNoneAfterwards() throws Exception {
        try (RecordedNamespace recorded = RecordedNamespace.of("hundred")) {
            node(recorded);
            OperatorProcess operator = recorded.fixture().process(recorded.kubeconfig());
            operator.awaitStart();
            Instant start = Instant.now();
            apply(recorded);
            Instant applied = Instant.now();
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(2))
                    .until(() -> succeeded(recorded) == EXPERIMENTS);
            Instant ended = Instant.now();
            assertThat(recorded.ranTwice()).isEmpty();
            assertThat(recorded.jobsTwice()).isEmpty();

            // The last events may be written shortly after the last status. There is no leader election here: renewals
            // of a lease are an operator's only writes without an experiment.
            Instant idle = AuditedWrites.awaitNone(recorded, IDLE);
            List<AuditEvent> writes = AuditedWrites.of(recorded, start);
            int stages = recorded.stages().ran().size();
            double writesAStage = (double) writes.size() / stages;
            System.out.printf(
                    Locale.ROOT,
                    "%d experiments, %d stages run: %.1f s from the first apply (%.1f s of them kubectl's);"
                            + " %d writes of the operator, %.2f a stage: %s; peak memory %d MiB, now %d MiB%n",
                    EXPERIMENTS,
                    stages,
                    seconds(start, ended),
                    seconds(start, applied),
                    writes.size(),
                    writesAStage,
                    AuditedWrites.kinds(writes),
                    ProcessMemory.peakKiB(operator) / 1024,
                    ProcessMemory.nowKiB(operator) / 1024);
            if (BARE) {
                measureBareClient(recorded, writes, Duration.between(start, ended));
            }
            assertThat(writesAStage).isLessThanOrEqualTo(WRITES_A_STAGE);
            assertThat(writes).as("refused by RBAC").noneMatch(event -> event.code() == 403);

            System.out.printf(
                    Locale.ROOT,
                    "no write in %s; requests of other kinds: %s; memory %d MiB%n",
                    IDLE,
                    AuditedWrites.kinds(AuditedWrites.requests(recorded, idle)),
                    ProcessMemory.nowKiB(operator) / 1024);
        }
    }

    private static void node(RecordedNamespace recorded) throws IOException {
        recorded.closeLater(recorded.cluster()
                .node(recorded.fixture().namespace())
                .resource("cpu", PODS)
                .resource("memory", "64Ti")
                .resource("pods", PODS)
                .fake(pod -> true, RUNS, recorded.stages())
                .start());
    }

    private static void apply(RecordedNamespace recorded) throws Exception {
        recorded.cluster()
                .kubectlWithInput(
                        experiments(recorded), "apply", "-n", recorded.fixture().namespace(), "-f", "-")
                .orFail();
    }

    /** Repeats the run without an operator, in another namespace, and prints both times. */
    private static void measureBareClient(RecordedNamespace recorded, List<AuditEvent> writes, Duration operator)
            throws Exception {
        try (RecordedNamespace other = RecordedNamespace.of("bare")) {
            node(other);
            Instant start = Instant.now();
            apply(other);
            try (BareClient client = new BareClient(
                    other.fixture().client(),
                    other.fixture().namespace(),
                    recorded.jobs(),
                    resources(recorded),
                    AuditedWrites.kinds(writes))) {
                client.start();
                await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(2)).until(client::done);
                Duration bare = Duration.between(start, Instant.now());
                double ratio = (double) operator.toMillis() / bare.toMillis();
                System.out.printf(
                        Locale.ROOT,
                        "a client without an operator: %d writes, %.1f s; the operator took %.2f times as long%n",
                        client.written(),
                        bare.toMillis() / 1e3,
                        ratio);
                assertThat(ratio).isLessThanOrEqualTo(TIMES_AS_LONG);
            }
        }
    }

    private static List<MoCoExperiment> resources(RecordedNamespace recorded) {
        return recorded.fixture()
                .client()
                .resources(MoCoExperiment.class)
                .inNamespace(recorded.fixture().namespace())
                .list()
                .getItems();
    }

    /** Tiny experiments with different seeds, which share the prepared data. */
    private static String experiments(RecordedNamespace recorded) throws IOException {
        List<String> documents = new ArrayList<>();
        for (int i = 0; i < EXPERIMENTS; i++) {
            documents.add(recorded.fixture()
                    .experiment(String.format(Locale.ROOT, "e%04d", i), "")
                    .replace("queueSize: 32,", "queueSize: 32, seed: " + i + ","));
        }
        return String.join("\n---\n", documents);
    }

    private static long succeeded(RecordedNamespace recorded) {
        return resources(recorded).stream()
                .flatMap(experiment -> Optional.ofNullable(experiment.getStatus()).stream())
                .filter(ScaleIT::succeeded)
                .count();
    }

    private static boolean succeeded(MoCoExperimentStatus status) {
        return status.conditions().stream()
                .anyMatch(is -> is.type().equals("Succeeded") && is.status().equals("True"));
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1e3;
    }
}
