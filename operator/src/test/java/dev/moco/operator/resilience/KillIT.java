package dev.moco.operator.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.localcluster.ApiProxy;
import dev.moco.localcluster.ApiProxy.Fault;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.reconcile.OperatorFixture.OperatorProcess;
import dev.moco.operator.server.MoCoOperator;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An operator that is killed at any time and restarted reaches the same result, runs no stage twice, and creates no
 * second Job.
 */
class KillIT {
    private static final Duration RUNS = Duration.ofMillis(300);
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    @AfterAll
    static void awaitClosed() throws InterruptedException {
        RecordedNamespace.awaitClosed();
    }

    @Test
    void anOperatorProcessKilledAtEachPointReachesTheSameResult() throws Exception {
        try (RecordedNamespace recorded = RecordedNamespace.of("kill", RUNS)) {
            Set<CrashPoint> left = ConcurrentHashMap.newKeySet();
            left.addAll(EnumSet.allOf(CrashPoint.class));
            AtomicReference<OperatorProcess> operator = new AtomicReference<>();
            ApiProxy proxy = recorded.proxy(write -> left.stream()
                    .filter(point -> point.matches(write))
                    .sorted()
                    .findFirst()
                    .map(point -> {
                        left.remove(point);
                        return point.fault(() -> kill(operator.get()));
                    })
                    .orElse(Fault.NONE));
            Path kubeconfig = recorded.kubeconfig(proxy);
            recorded.fixture().apply("tiny", "");
            boolean ended = false;
            while (!ended) {
                OperatorProcess started = recorded.fixture().process(kubeconfig);
                operator.set(started);
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(200))
                        .until(() -> !started.process().isAlive() || ready(recorded));
                ended = started.process().isAlive();
                assertThat(ended ? 128 + 9 : started.process().exitValue())
                        .as(started.logText())
                        .isEqualTo(128 + 9);
            }
            // Some writes may not occur, such as an event for a state between two reconciles.
            assertThat(CrashPoint.values().length - left.size())
                    .as("not reached: %s", left)
                    .isGreaterThanOrEqualTo(10);
            assertSameEnd(recorded);
        }
    }

    private static boolean ready(RecordedNamespace recorded) {
        return recorded.fixture().condition("tiny", "Ready").startsWith("Ready=True");
    }

    private static void kill(OperatorProcess operator) {
        try {
            operator.kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anOperatorThatDiesOnceReachesTheSameResult(CrashPoint point) throws Exception {
        // The stage runs long enough for a slow operator to observe it.
        CountDownLatch pretrainingMayEnd = new CountDownLatch(point == CrashPoint.WHILE_PRETRAINING_RUNS ? 1 : 0);
        try (RecordedNamespace recorded = RecordedNamespace.of("once")) {
            recorded.closeLater(recorded.cluster()
                    .node(recorded.fixture().namespace())
                    .fake(KillIT::pretrains, RUNS, pod -> {
                        waitFor(pretrainingMayEnd);
                        return recorded.stages().apply(pod);
                    })
                    .fake(pod -> true, RUNS, recorded.stages())
                    .start());
            AtomicInteger deaths = new AtomicInteger();
            runOperatorsThatDie(recorded, death -> write -> {
                if (!point.matches(write) || deaths.getAndIncrement() > 0) {
                    return Fault.NONE;
                }
                pretrainingMayEnd.countDown();
                return point.fault(death);
            });
            assertThat(deaths).hasPositiveValue();
            assertSameEnd(recorded);
        }
    }

    private static boolean pretrains(Pod pod) {
        return "pretrain".equals(pod.getMetadata().getLabels().get(JobLabels.STAGE));
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            if (!latch.await(PATIENCE.toMinutes(), TimeUnit.MINUTES)) {
                throw new IllegalStateException("no operator saw pretraining run");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void anOperatorThatDiesAfterEachWriteReachesTheSameResult() throws Exception {
        try (RecordedNamespace recorded = RecordedNamespace.of("after", RUNS)) {
            AtomicInteger writes = new AtomicInteger();
            runOperatorsThatDie(recorded, death -> write -> {
                writes.incrementAndGet();
                return new Fault(true, 0, death);
            });
            assertThat(writes).hasValueGreaterThan(6);
            assertSameEnd(recorded);
        }
    }

    @Test
    void anOperatorThatDiesBeforeEverySecondWriteReachesTheSameResult() throws Exception {
        try (RecordedNamespace recorded = RecordedNamespace.of("before", RUNS)) {
            AtomicInteger writes = new AtomicInteger();
            runOperatorsThatDie(
                    recorded,
                    death -> write -> writes.incrementAndGet() % 2 == 0 ? new Fault(false, 0, death) : Fault.NONE);
            assertThat(writes).hasValueGreaterThan(6);
            assertSameEnd(recorded);
        }
    }

    /** Runs operators one after the other until the experiment ends; {@code faults} kills each of them. */
    private static void runOperatorsThatDie(
            RecordedNamespace recorded, Function<Runnable, Function<OperatorWrite, Fault>> faults) throws Exception {
        recorded.fixture().apply("tiny", "");
        boolean ended = false;
        while (!ended) {
            CompletableFuture<Void> death = new CompletableFuture<>();
            AtomicReference<ApiProxy> own = new AtomicReference<>();
            ApiProxy proxy = recorded.proxy(faults.apply(() -> {
                own.get().die();
                death.complete(null);
            }));
            own.set(proxy);
            MoCoOperator operator;
            try {
                operator = recorded.operator(recorded.kubeconfig(proxy));
            } catch (RuntimeException e) {
                assertThat(death).as("cannot start: %s", e).isDone();
                continue;
            }
            ended = survivesUntilTheEnd(recorded, death);
            if (!ended) {
                recorded.closeInBackground(operator);
            } else {
                operator.close();
            }
        }
    }

    private static boolean survivesUntilTheEnd(RecordedNamespace recorded, CompletableFuture<Void> death)
            throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            try {
                death.get(500, TimeUnit.MILLISECONDS);
                return false;
            } catch (TimeoutException e) {
                if (recorded.fixture().condition("tiny", "Ready").startsWith("Ready=True") && !death.isDone()) {
                    // A write after the end of the experiment may also kill the operator.
                    TimeUnit.SECONDS.sleep(1);
                    return !death.isDone();
                }
            }
        }
        throw new AssertionError("no end:\n" + recorded.fixture().describe());
    }

    private static void assertSameEnd(RecordedNamespace recorded) throws Exception {
        recorded.fixture().awaitCondition("tiny", "Ready", "True");
        assertThat(recorded.ranTwice()).isEmpty();
        assertThat(recorded.jobsTwice()).isEmpty();
        assertThat(recorded.end("tiny")).isEqualTo(RecordedNamespace.undisturbed());
    }
}
