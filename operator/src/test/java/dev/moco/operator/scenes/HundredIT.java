package dev.moco.operator.scenes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.operator.cluster.AuditLog;
import dev.moco.operator.crd.MoCoExperiment;
import dev.moco.operator.crd.MoCoExperimentStatus;
import dev.moco.operator.reconcile.OperatorFixture.OperatorProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Many experiments at once: what they cost the API server and the operator, and that nothing is written once they have
 * ended. {@code -Dmoco.experiments=100} says how many, {@code -Dmoco.idle=PT20S} how long nothing may be written.
 */
class HundredIT {
    private static final int EXPERIMENTS = Integer.getInteger("moco.experiments", 100);
    private static final Duration IDLE = Duration.parse(System.getProperty("moco.idle", "PT20S"));
    private static final Duration RUNS = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final int WRITES_A_STAGE = 12;

    @Test
    void aHundredExperimentsSucceedAtFewWritesAndThenNothingIsWritten() throws Exception {
        try (Life life = Life.of("hundred")) {
            life.keep(life.cluster()
                    .node(life.fixture().namespace())
                    .resource("cpu", "4000")
                    .resource("memory", "16Ti")
                    .resource("pods", "4000")
                    .fake(pod -> true, RUNS, life.stages())
                    .start());
            OperatorProcess operator = life.fixture().process(life.kubeconfig());
            operator.awaitStart();
            Instant start = Instant.now();
            life.cluster()
                    .kubectlWithInput(
                            experiments(life), "apply", "-n", life.fixture().namespace(), "-f", "-")
                    .orFail();
            Instant applied = Instant.now();
            await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(2)).until(() -> succeeded(life) == EXPERIMENTS);
            Instant ended = Instant.now();
            assertThat(life.ranTwice()).isEmpty();
            assertThat(life.jobsTwice()).isEmpty();

            awaitSilence(life);
            List<AuditLog.Event> writes = writes(life, start);
            int stages = life.stages().ran().size();
            double writesAStage = (double) writes.size() / stages;
            System.out.printf(
                    Locale.ROOT,
                    "%d experiments, %d stages run: %.1f s from the first apply (%.1f s of them kubectl's);"
                            + " %d writes of the operator, %.2f a stage: %s; peak memory %s, now %s%n",
                    EXPERIMENTS,
                    stages,
                    seconds(start, ended),
                    seconds(start, applied),
                    writes.size(),
                    writesAStage,
                    kinds(writes),
                    memory(operator, "VmHWM"),
                    memory(operator, "VmRSS"));
            assertThat(writesAStage).isLessThanOrEqualTo(WRITES_A_STAGE);
            assertThat(writes).as("refused by RBAC").noneMatch(event -> event.code() == 403);

            Instant idle = Instant.now();
            TimeUnit.MILLISECONDS.sleep(IDLE.toMillis());
            // No election here: the renewals of its lease are an operator's only writes without an experiment.
            assertThat(writes(life, idle)).isEmpty();
            System.out.printf(
                    Locale.ROOT,
                    "no write in %s; requests of other kinds: %s; memory %s%n",
                    IDLE,
                    kinds(requests(life, idle)),
                    memory(operator, "VmRSS"));
        }
    }

    /** The tiny experiment at as many temperatures; they share what their data becomes. */
    private static String experiments(Life life) throws IOException {
        List<String> documents = new ArrayList<>();
        for (int i = 0; i < EXPERIMENTS; i++) {
            documents.add(life.fixture()
                    .experiment(String.format(Locale.ROOT, "e%03d", i), "")
                    .replace("queueSize: 32,", "queueSize: 32, seed: " + i + ","));
        }
        return String.join("\n---\n", documents);
    }

    private static long succeeded(Life life) {
        return life
                .fixture()
                .client()
                .resources(MoCoExperiment.class)
                .inNamespace(life.fixture().namespace())
                .list()
                .getItems()
                .stream()
                .flatMap(experiment -> Optional.ofNullable(experiment.getStatus()).stream())
                .filter(HundredIT::succeeded)
                .count();
    }

    private static boolean succeeded(MoCoExperimentStatus status) {
        return status.conditions().stream()
                .anyMatch(is -> is.type().equals("Succeeded") && is.status().equals("True"));
    }

    /** The last events may follow the last status by a moment. */
    private static void awaitSilence(Life life) {
        await().atMost(Duration.ofMinutes(10))
                .pollInterval(Duration.ofSeconds(3))
                .until(() -> writes(life, Instant.now().minusSeconds(5)).isEmpty());
    }

    private static List<AuditLog.Event> requests(Life life, Instant since) throws IOException {
        return life.cluster().auditLog().events(life.fixture().namespace(), Life.ACCOUNT, since);
    }

    private static List<AuditLog.Event> writes(Life life, Instant since) throws IOException {
        return requests(life, since).stream().filter(AuditLog.Event::write).toList();
    }

    private static Map<String, Long> kinds(List<AuditLog.Event> events) {
        return events.stream()
                .collect(Collectors.groupingBy(
                        event -> event.verb() + " " + event.resource()
                                + (event.subresource().isEmpty() ? "" : "/" + event.subresource())
                                + (event.code() < 300 ? "" : " answered " + event.code()),
                        TreeMap::new,
                        Collectors.counting()));
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1e3;
    }

    /** Of the operator's process, where the kernel tells it. */
    private static String memory(OperatorProcess operator, String line) throws IOException {
        Path status = Path.of("/proc", Long.toString(operator.process().pid()), "status");
        return Files.exists(status)
                ? Files.readAllLines(status).stream()
                        .filter(read -> read.startsWith(line + ":"))
                        .map(read -> read.substring(line.length() + 1).strip())
                        .findFirst()
                        .orElse("?")
                : "?";
    }
}
