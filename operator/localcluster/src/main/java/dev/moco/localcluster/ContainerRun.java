package dev.moco.localcluster;

import dev.moco.localcluster.ContainerState.Running;
import dev.moco.localcluster.ContainerState.Terminated;
import dev.moco.localcluster.ContainerState.Waiting;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateTerminatedBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One container of a pod, across its restarts. */
final class ContainerRun {
    private static final Duration LONGEST_BACK_OFF = Duration.ofMinutes(5);
    private static final Duration RECOVERED = Duration.ofMinutes(10);

    final Container container;
    final boolean init;
    final List<ProbeLoop> probes = new ArrayList<>();
    ContainerState state = new Waiting("ContainerCreating", "");

    @Nullable
    RunningContainer process;

    int restarts;
    private @Nullable Terminated last;
    private int failuresInARow;

    ContainerRun(Container container, boolean init) {
        this.container = container;
        this.init = init;
    }

    /** The containers of a pod, as they were last reported. */
    static List<ContainerRun> of(Pod pod, Instant now) {
        List<ContainerRun> containers = new ArrayList<>();
        for (Container container : pod.getSpec().getInitContainers()) {
            containers.add(new ContainerRun(container, true));
        }
        for (Container container : pod.getSpec().getContainers()) {
            containers.add(new ContainerRun(container, false));
        }
        List<ContainerStatus> reported = new ArrayList<>(pod.getStatus().getInitContainerStatuses());
        reported.addAll(pod.getStatus().getContainerStatuses());
        for (ContainerRun run : containers) {
            reported.stream()
                    .filter(status -> status.getName().equals(run.name()))
                    .findFirst()
                    .ifPresent(status -> run.recover(status, now));
        }
        return containers;
    }

    String name() {
        return container.getName();
    }

    /** Restores the state that the node reported before it was restarted. */
    private void recover(ContainerStatus status, Instant now) {
        restarts = status.getRestartCount();
        ContainerStateTerminated terminated = status.getState().getTerminated();
        if (terminated != null) {
            state = new Terminated(
                    status.getContainerID() == null ? "" : status.getContainerID(),
                    terminated.getExitCode(),
                    terminated.getReason() == null ? "" : terminated.getReason(),
                    terminated.getMessage() == null ? "" : terminated.getMessage(),
                    terminated.getStartedAt() == null ? now : Instant.parse(terminated.getStartedAt()),
                    terminated.getFinishedAt() == null ? now : Instant.parse(terminated.getFinishedAt()));
        } else if (status.getState().getRunning() != null) {
            state = lost("The node was restarted while the container ran.", now);
        }
    }

    static Terminated lost(String message, Instant now) {
        return new Terminated("", ContainerExit.SIGKILL, "ContainerStatusUnknown", message, now, now);
    }

    void started(RunningContainer started, Instant now) {
        process = started;
        boolean up = container.getStartupProbe() == null;
        state = new Running(started.id(), now, up, up && container.getReadinessProbe() == null);
    }

    void probed(boolean started, boolean ready) {
        if (state instanceof Running running) {
            state = new Running(running.process(), running.startedAt(), started, ready);
        }
    }

    void ended(ContainerExit end, Instant now) {
        Instant startedAt = state instanceof Running running ? running.startedAt() : now;
        String id = process == null ? "" : process.id();
        process = null;
        probes.forEach(ProbeLoop::cancel);
        probes.clear();
        failuresInARow = Duration.between(startedAt, now).compareTo(RECOVERED) > 0 ? 0 : failuresInARow;
        state = new Terminated(
                id, end.exitCode(), end.exitCode() == 0 ? "Completed" : "Error", end.message(), startedAt, now);
    }

    /** Returns whether the ended container is started again under a restart policy. */
    boolean restarts(String policy) {
        boolean failed = state instanceof Terminated end && end.exitCode() != 0;
        return switch (policy) {
            case "Always" -> failed || !init;
            case "OnFailure" -> failed;
            default -> false;
        };
    }

    /** Delay of the next start; none after the first failure, as in the kubelet. */
    Duration backOff(String pod, Duration first) {
        Duration delay = Duration.ZERO;
        if (failuresInARow > 0) {
            Duration doubled = first.multipliedBy(1L << Math.min(failuresInARow - 1, 10));
            delay = doubled.compareTo(LONGEST_BACK_OFF) > 0 ? LONGEST_BACK_OFF : doubled;
        }
        failuresInARow++;
        if (state instanceof Terminated terminated) {
            last = terminated;
        }
        state = delay.isZero()
                ? new Waiting("ContainerCreating", "")
                : new Waiting(
                        "CrashLoopBackOff",
                        "back-off " + delay.toSeconds() + "s restarting failed container=" + container.getName()
                                + " pod=" + pod);
        return delay;
    }

    ContainerStatus status() {
        ContainerStateBuilder now = new ContainerStateBuilder();
        String id = null;
        boolean started = false;
        boolean ready = false;
        if (state instanceof Waiting waiting) {
            now.withNewWaiting(waiting.message(), waiting.reason());
        } else if (state instanceof Running running) {
            id = running.process();
            started = running.started();
            ready = running.ready();
            now.withNewRunning(time(running.startedAt()));
        } else if (state instanceof Terminated terminated) {
            id = terminated.process();
            ready = init && terminated.exitCode() == 0;
            now.withTerminated(terminated(terminated));
        }
        ContainerStateBuilder before = new ContainerStateBuilder();
        if (last != null) {
            before.withTerminated(terminated(last));
        }
        return new ContainerStatusBuilder()
                .withName(container.getName())
                .withImage(container.getImage())
                .withImageID("")
                .withContainerID(id)
                .withRestartCount(restarts)
                .withStarted(started)
                .withReady(ready)
                .withState(now.build())
                .withLastState(before.build())
                .build();
    }

    private static ContainerStateTerminated terminated(Terminated terminated) {
        return new ContainerStateTerminatedBuilder()
                .withContainerID(terminated.process())
                .withExitCode(terminated.exitCode())
                .withReason(terminated.reason())
                .withMessage(terminated.message().isEmpty() ? null : terminated.message())
                .withStartedAt(time(terminated.startedAt()))
                .withFinishedAt(time(terminated.finishedAt()))
                .build();
    }

    static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
