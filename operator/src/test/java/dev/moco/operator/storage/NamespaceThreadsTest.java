package dev.moco.operator.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.operator.metrics.OperatorMetrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NamespaceThreadsTest {
    private volatile Instant now = Instant.EPOCH;
    private final Clock clock = new Clock() {
        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    };
    private final RequestBudget budget = new RequestBudget(new OperatorMetrics("test", clock), clock);
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    @AfterEach
    void stop() {
        executor.shutdownNow();
        timer.shutdownNow();
    }

    @Test
    void aNamespaceOccupiesAtMostAQuarterOfTheThreads() {
        NamespaceThreads threads = new NamespaceThreads(executor, 8, budget, timer);
        CountDownLatch hang = new CountDownLatch(1);
        AtomicInteger slow = new AtomicInteger();
        AtomicInteger others = new AtomicInteger();
        for (int i = 0; i < 8; i++) {
            threads.execute("slow", () -> {
                slow.incrementAndGet();
                awaited(hang);
            });
        }
        for (int i = 0; i < 100; i++) {
            threads.execute("other-" + i, others::incrementAndGet);
        }
        await().atMost(Duration.ofMinutes(10)).until(() -> others.get() == 100);
        // Those that began first may be counted last.
        await().atMost(Duration.ofMinutes(10)).until(() -> slow.get() >= 2);
        assertThat(slow).hasValue(2);
        hang.countDown();
        await().atMost(Duration.ofMinutes(10)).until(() -> slow.get() == 8);
    }

    @Test
    void slowNamespacesLeaveThreadsForOthers() {
        NamespaceThreads threads = new NamespaceThreads(executor, 16, budget, timer);
        CountDownLatch hang = new CountDownLatch(1);
        AtomicInteger slow = new AtomicInteger();
        AtomicInteger others = new AtomicInteger();
        for (int i = 0; i < 40; i++) {
            threads.execute("slow-" + i % 4, () -> {
                slow.incrementAndGet();
                awaited(hang);
            });
        }
        for (int i = 0; i < 100; i++) {
            threads.execute("other", others::incrementAndGet);
        }
        await().atMost(Duration.ofMinutes(10)).until(() -> others.get() == 100);
        await().atMost(Duration.ofMinutes(10)).until(() -> slow.get() >= 8);
        assertThat(slow.get()).isLessThanOrEqualTo(12);
        hang.countDown();
        await().atMost(Duration.ofMinutes(10)).until(() -> slow.get() == 40);
    }

    @Test
    void aNamespaceHasAtLeastOneThreadAndTheyTakeTurns() {
        List<Runnable> started = new ArrayList<>();
        List<String> order = new ArrayList<>();
        NamespaceThreads threads = new NamespaceThreads(started::add, 1, budget, timer);
        for (String namespace : List.of("a", "a", "a", "b", "c", "b")) {
            threads.execute(namespace, () -> order.add(namespace));
        }
        while (!started.isEmpty()) {
            started.remove(0).run();
        }
        assertThat(order).containsExactly("a", "a", "b", "c", "a", "b");
    }

    @Test
    void workThatFailsFreesItsThread() {
        NamespaceThreads threads = new NamespaceThreads(executor, 1, budget, timer);
        AtomicInteger done = new AtomicInteger();
        threads.execute("a", () -> {
            throw new IllegalStateException("planned by a test");
        });
        threads.execute("a", done::incrementAndGet);
        await().dontCatchUncaughtExceptions().atMost(Duration.ofMinutes(10)).until(() -> done.get() == 1);
    }

    @Test
    void noWorkBeginsOnceTheRequestsOfAMinuteAreSpent() {
        NamespaceThreads threads = new NamespaceThreads(executor, 8, budget, timer);
        AtomicInteger done = new AtomicInteger();
        spend("a", RequestBudget.A_MINUTE / 6);
        assertThat(budget.remaining("a")).isZero();
        threads.execute("a", done::incrementAndGet);
        await().atMost(Duration.ofMinutes(10)).until(() -> done.get() == 1);

        spend("a", 50);
        assertThat(budget.remaining("a")).isEqualTo(Duration.ofMillis(100));
        threads.execute("a", done::incrementAndGet);
        assertThat(done).hasValue(1);
        now = now.plus(Duration.ofMillis(100));
        await().atMost(Duration.ofMinutes(10)).until(() -> done.get() == 2);
    }

    @Test
    void aNamespaceThatSpendsEveryRequestStopsNoOther() {
        NamespaceThreads threads = new NamespaceThreads(executor, 8, budget, timer);
        AtomicInteger done = new AtomicInteger();
        spend("a", 10 * RequestBudget.A_MINUTE);
        assertThat(budget.remaining("a")).isGreaterThan(Duration.ofSeconds(10));
        threads.execute("a", () -> done.addAndGet(100));
        threads.execute("b", () -> {
            for (int i = 0; i < RequestBudget.OWN_A_MINUTE; i++) {
                budget.spend("get");
            }
            done.incrementAndGet();
        });
        await().atMost(Duration.ofMinutes(10)).until(() -> done.get() == 1);
        assertThat(budget.remaining("b")).as("more than its own rate").isGreaterThan(Duration.ZERO);
        assertThat(budget.remaining("c")).isZero();
    }

    private void spend(String namespace, int requests) {
        budget.run(namespace, () -> {
            for (int i = 0; i < requests; i++) {
                budget.spend("get");
            }
        });
    }

    private static void awaited(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
