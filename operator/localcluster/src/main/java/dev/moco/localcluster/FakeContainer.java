package dev.moco.localcluster;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;

/** A container without a process: it runs for a while, then a function says how it ended. */
final class FakeContainer implements RunningContainer {
    private final CompletableFuture<Ended> ended = new CompletableFuture<>();
    private final String id;

    /**
     * Which pods are faked, and how.
     *
     * @param which the pods that this is for
     * @param runs how long they run
     * @param end what they did; called at their end, unless they are stopped before
     */
    record Fake(Predicate<Pod> which, Duration runs, Function<Pod, Ended> end) {}

    FakeContainer(Pod pod, Fake fake, NodeExecutor executor) {
        id = "fake://" + pod.getMetadata().getUid();
        executor.later(fake.runs(), () -> end(pod, fake));
    }

    private void end(Pod pod, Fake fake) {
        if (ended.isDone()) {
            return;
        }
        try {
            ended.complete(fake.end().apply(pod));
        } catch (RuntimeException e) {
            ended.complete(new Ended(1, String.valueOf(e)));
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public CompletableFuture<Ended> ended() {
        return ended;
    }

    @Override
    public void stop() {
        ended.complete(new Ended(Ended.SIGTERM, ""));
    }

    @Override
    public void kill() {
        ended.complete(new Ended(Ended.SIGKILL, ""));
    }
}
