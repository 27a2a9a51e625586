package dev.moco.localcluster;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;

/** A container without a process: it runs for some time, then a function returns how it ended. */
final class FakeContainer implements RunningContainer {
    private final CompletableFuture<ContainerExit> ended = new CompletableFuture<>();
    private final String id;

    /**
     * Pods that are faked, and how.
     *
     * @param matches the pods
     * @param runs how long they run
     * @param end does what the container would have done, at its end; not called if it is stopped before
     */
    record FakeRule(Predicate<Pod> matches, Duration runs, Function<Pod, ContainerExit> end) {}

    FakeContainer(Pod pod, FakeRule rule, NodeExecutor executor) {
        id = "fake://" + pod.getMetadata().getUid();
        executor.later(rule.runs(), () -> end(pod, rule));
    }

    private void end(Pod pod, FakeRule rule) {
        if (ended.isDone()) {
            return;
        }
        try {
            ended.complete(rule.end().apply(pod));
        } catch (RuntimeException e) {
            ended.complete(new ContainerExit(1, String.valueOf(e)));
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public CompletableFuture<ContainerExit> ended() {
        return ended;
    }

    @Override
    public void stop() {
        ended.complete(new ContainerExit(ContainerExit.SIGTERM, ""));
    }

    @Override
    public void kill() {
        ended.complete(new ContainerExit(ContainerExit.SIGKILL, ""));
    }
}
