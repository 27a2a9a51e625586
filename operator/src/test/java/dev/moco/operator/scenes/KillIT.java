package dev.moco.operator.scenes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.operator.jobs.StageJobs;
import dev.moco.operator.reconcile.MoCoOperator;
import dev.moco.operator.reconcile.OperatorFixture.OperatorProcess;
import dev.moco.operator.scenes.ApiProxy.Fault;
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

/** An operator that dies at any moment and starts again comes to the same end, runs no stage twice, and makes no second Job. */
class KillIT {
    private static final Duration RUNS = Duration.ofMillis(300);
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    @AfterAll
    static void awaitBuried() throws InterruptedException {
        Life.awaitBuried();
    }

    @Test
    void aProcessKilledAtEveryPointOfOneLifeComesToTheSameEnd() throws Exception {
        try (Life life = Life.of("kill", RUNS)) {
            Set<Point> left = ConcurrentHashMap.newKeySet();
            left.addAll(EnumSet.allOf(Point.class));
            AtomicReference<OperatorProcess> operator = new AtomicReference<>();
            ApiProxy proxy = life.proxy(write -> left.stream()
                    .filter(point -> point.is(write))
                    .sorted()
                    .findFirst()
                    .map(point -> {
                        left.remove(point);
                        return point.fault(() -> kill(operator.get()));
                    })
                    .orElse(Fault.NONE));
            Path kubeconfig = life.kubeconfig(proxy);
            life.fixture().apply("tiny", "");
            boolean ended = false;
            while (!ended) {
                OperatorProcess started = life.fixture().process(kubeconfig);
                operator.set(started);
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(200))
                        .until(() -> !started.process().isAlive() || ready(life));
                ended = started.process().isAlive();
                assertThat(ended ? 128 + 9 : started.process().exitValue())
                        .as(started.said())
                        .isEqualTo(128 + 9);
            }
            // Writes that one life need not have, such as an event for a moment that nobody saw, are not waited for.
            assertThat(Point.values().length - left.size())
                    .as("not reached: %s", left)
                    .isGreaterThanOrEqualTo(10);
            assertSameEnd(life);
        }
    }

    private static boolean ready(Life life) {
        return life.fixture().condition("tiny", "Ready").startsWith("Ready=True");
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
    void anOperatorThatDiesOnceComesToTheSameEnd(Point point) throws Exception {
        CountDownLatch pretrainingMayEnd = new CountDownLatch(point == Point.WHILE_PRETRAINING_RUNS ? 1 : 0);
        try (Life life = Life.of("once")) {
            life.keep(life.cluster()
                    .node(life.fixture().namespace())
                    .fake(KillIT::pretrains, RUNS, pod -> {
                        waitFor(pretrainingMayEnd);
                        return life.stages().apply(pod);
                    })
                    .fake(pod -> true, RUNS, life.stages())
                    .start());
            AtomicInteger deaths = new AtomicInteger();
            liveAndDie(life, death -> write -> {
                if (!point.is(write) || deaths.getAndIncrement() > 0) {
                    return Fault.NONE;
                }
                pretrainingMayEnd.countDown();
                return point.fault(death);
            });
            assertThat(deaths).hasPositiveValue();
            assertSameEnd(life);
        }
    }

    private static boolean pretrains(Pod pod) {
        return "pretrain".equals(pod.getMetadata().getLabels().get(StageJobs.STAGE));
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
    void anOperatorThatDiesAfterEachOfItsWritesComesToTheSameEnd() throws Exception {
        try (Life life = Life.of("after", RUNS)) {
            AtomicInteger writes = new AtomicInteger();
            liveAndDie(life, death -> write -> {
                writes.incrementAndGet();
                return new Fault(true, 0, death);
            });
            assertThat(writes).hasValueGreaterThan(6);
            assertSameEnd(life);
        }
    }

    @Test
    void anOperatorThatDiesBeforeEverySecondOfItsWritesComesToTheSameEnd() throws Exception {
        try (Life life = Life.of("before", RUNS)) {
            AtomicInteger writes = new AtomicInteger();
            liveAndDie(
                    life,
                    death -> write -> writes.incrementAndGet() % 2 == 0 ? new Fault(false, 0, death) : Fault.NONE);
            assertThat(writes).hasValueGreaterThan(6);
            assertSameEnd(life);
        }
    }

    /** Lets operators live one after the other until the experiment ends; each dies when {@code trouble} runs its death. */
    private static void liveAndDie(Life life, Function<Runnable, Function<Write, Fault>> trouble) throws Exception {
        life.fixture().apply("tiny", "");
        boolean ended = false;
        while (!ended) {
            CompletableFuture<Void> death = new CompletableFuture<>();
            AtomicReference<ApiProxy> own = new AtomicReference<>();
            ApiProxy proxy = life.proxy(trouble.apply(() -> {
                own.get().die();
                death.complete(null);
            }));
            own.set(proxy);
            MoCoOperator operator;
            try {
                operator = life.operator(life.kubeconfig(proxy));
            } catch (RuntimeException e) {
                assertThat(death).as("cannot start: %s", e).isDone();
                continue;
            }
            ended = livesToSeeTheEnd(life, death);
            if (!ended) {
                life.bury(operator);
            } else {
                operator.close();
            }
        }
    }

    private static boolean livesToSeeTheEnd(Life life, CompletableFuture<Void> death) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            try {
                death.get(500, TimeUnit.MILLISECONDS);
                return false;
            } catch (TimeoutException e) {
                if (life.fixture().condition("tiny", "Ready").startsWith("Ready=True") && !death.isDone()) {
                    // What follows the end is part of the life.
                    TimeUnit.SECONDS.sleep(1);
                    return !death.isDone();
                }
            }
        }
        throw new AssertionError("no end:\n" + life.fixture().describe());
    }

    private static void assertSameEnd(Life life) throws Exception {
        life.fixture().awaitCondition("tiny", "Ready", "True");
        assertThat(life.ranTwice()).isEmpty();
        assertThat(life.jobsTwice()).isEmpty();
        assertThat(life.end("tiny")).isEqualTo(Life.undisturbed());
    }
}
