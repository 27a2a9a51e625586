package dev.moco.localcluster;

import dev.moco.localcluster.ContainerState.Running;
import dev.moco.localcluster.ContainerState.Terminated;
import io.fabric8.kubernetes.api.model.HostIP;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Computes a pod's status from its containers' states, as a kubelet does. */
final class PodStatuses {
    static final String FAILED = "Failed";
    static final String SUCCEEDED = "Succeeded";
    private static final String LOOPBACK = "127.0.0.1";

    private final Instant startTime;
    private final Map<String, PodCondition> conditions = new HashMap<>();

    PodStatuses(Instant startTime) {
        this.startTime = startTime;
    }

    static boolean terminal(String phase) {
        return phase.equals(FAILED) || phase.equals(SUCCEEDED);
    }

    /**
     * Phase of a pod.
     *
     * @param over true if no container will be started again
     */
    static String phase(List<ContainerRun> containers, boolean over) {
        boolean initFailed = containers.stream()
                .anyMatch(run -> run.init && run.state instanceof Terminated end && end.exitCode() != 0);
        List<ContainerRun> mains = containers.stream().filter(run -> !run.init).toList();
        boolean ended = mains.stream().allMatch(run -> run.state instanceof Terminated);
        if (over && (ended || initFailed)) {
            boolean done = !initFailed
                    && mains.stream().allMatch(run -> run.state instanceof Terminated end && end.exitCode() == 0);
            return done ? SUCCEEDED : FAILED;
        }
        boolean started = mains.stream()
                .anyMatch(run -> run.restarts > 0 || run.state instanceof Running || run.state instanceof Terminated);
        return started ? "Running" : "Pending";
    }

    /**
     * Status to report.
     *
     * @param disrupted true if the node itself ended the pod
     */
    PodStatus of(List<ContainerRun> containers, boolean over, boolean disrupted, Instant now) {
        String phase = phase(containers, over);
        boolean initialized = containers.stream()
                .filter(run -> run.init)
                .allMatch(run -> run.state instanceof Terminated end && end.exitCode() == 0);
        boolean ready = containers.stream()
                .filter(run -> !run.init)
                .allMatch(run -> run.state instanceof Running running && running.ready());
        String unready = ready ? "" : phase.equals(SUCCEEDED) ? "PodCompleted" : "ContainersNotReady";
        condition("Initialized", initialized, "", now);
        condition("ContainersReady", ready, unready, now);
        condition("Ready", ready, unready, now);
        if (disrupted) {
            condition("DisruptionTarget", true, "TerminationByKubelet", now);
        }
        return new PodStatusBuilder()
                .withPhase(phase)
                .withStartTime(ContainerRun.time(startTime))
                .withHostIP(LOOPBACK)
                .withHostIPs(new HostIP(LOOPBACK))
                .withPodIP(LOOPBACK)
                .withPodIPs(new PodIP(LOOPBACK))
                .withConditions(conditions.values().stream().toList())
                .withInitContainerStatuses(containers.stream()
                        .filter(run -> run.init)
                        .map(ContainerRun::status)
                        .toList())
                .withContainerStatuses(containers.stream()
                        .filter(run -> !run.init)
                        .map(ContainerRun::status)
                        .toList())
                .build();
    }

    private void condition(String type, boolean holds, String reason, Instant now) {
        String status = holds ? "True" : "False";
        PodCondition before = conditions.get(type);
        String since = before != null && before.getStatus().equals(status)
                ? before.getLastTransitionTime()
                : ContainerRun.time(now);
        conditions.put(
                type,
                new PodConditionBuilder()
                        .withType(type)
                        .withStatus(status)
                        .withReason(reason.isEmpty() ? null : reason)
                        .withLastTransitionTime(since)
                        .build());
    }
}
