package dev.moco.operator.resilience;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A clock that jumps to the next task that is due, and runs the tasks of a simulation in order, on one thread. */
final class VirtualTime {
    private final PriorityQueue<Task> tasks = new PriorityQueue<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private long serial;

    private record Task(Instant at, long serial, Runnable work) implements Comparable<Task> {
        @Override
        public int compareTo(Task other) {
            int order = at.compareTo(other.at);
            return order != 0 ? order : Long.compare(serial, other.serial);
        }
    }

    synchronized Instant now() {
        return now;
    }

    Clock clock() {
        return new Clock() {
            @Override
            public Instant instant() {
                return now();
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
    }

    /** Runs {@code work} after a delay; tasks that are due at the same time run in the order of these calls. */
    synchronized void later(Duration delay, Runnable work) {
        tasks.add(new Task(now.plus(delay.isNegative() ? Duration.ZERO : delay), serial++, work));
    }

    /** Runs the next task. */
    void runNext() {
        Task next;
        synchronized (this) {
            next = tasks.remove();
            now = next.at();
        }
        next.work().run();
    }

    synchronized void clear() {
        tasks.clear();
    }

    /** Threads of a process in this time, which end with it. */
    ScheduledExecutorService threads(BooleanSupplier alive) {
        return new Threads(alive);
    }

    private final class Threads extends AbstractExecutorService implements ScheduledExecutorService {
        private final BooleanSupplier alive;
        private boolean stopped;

        Threads(BooleanSupplier alive) {
            this.alive = alive;
        }

        @Override
        public <V> ScheduledFuture<V> schedule(Callable<V> work, long delay, TimeUnit unit) {
            if (stopped) {
                throw new RejectedExecutionException("shut down");
            }
            Scheduled<V> scheduled = new Scheduled<>(work, now().plus(Duration.of(delay, unit.toChronoUnit())));
            later(Duration.of(delay, unit.toChronoUnit()), () -> {
                if (alive.getAsBoolean() && !stopped) {
                    scheduled.run();
                }
            });
            return scheduled;
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable work, long delay, TimeUnit unit) {
            return schedule(Executors.callable(work), delay, unit);
        }

        @Override
        public ScheduledFuture<?> scheduleAtFixedRate(Runnable work, long delay, long period, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable work, long delay, long pause, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for it
        public void execute(Runnable work) {
            schedule(work, 0, TimeUnit.MILLISECONDS);
        }

        @Override
        public void shutdown() {
            stopped = true;
        }

        @Override
        public List<Runnable> shutdownNow() {
            stopped = true;
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return stopped;
        }

        @Override
        public boolean isTerminated() {
            return stopped;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return stopped;
        }
    }

    private final class Scheduled<V> extends FutureTask<V> implements ScheduledFuture<V> {
        private final Instant due;

        Scheduled(Callable<V> work, Instant due) {
            super(work);
            this.due = due;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(Duration.between(now(), due));
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
        }
    }
}
