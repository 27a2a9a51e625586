package dev.moco.operator.decide;

import dev.moco.operator.observe.StagePods;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobConditionBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Changes that controllers, scheduler and kubelet make to Jobs and pods. */
final class Pods {
    private Pods() {}

    /** Creates a pod of a Job, or of one index of it, which waits for a node. */
    static Pod add(SimulatedCluster.Shared shared, Job job, int index) {
        int serial = ++shared.serial;
        PodBuilder pod = new PodBuilder()
                .withNewMetadata()
                .withNamespace(job.getMetadata().getNamespace())
                .withName(job.getMetadata().getName() + (index < 0 ? "" : "-" + index) + "-p" + serial)
                .withUid("pod-" + serial)
                .withCreationTimestamp(shared.now.toString())
                .withLabels(job.getSpec().getTemplate().getMetadata().getLabels())
                .withAnnotations(job.getSpec().getTemplate().getMetadata().getAnnotations())
                .addNewOwnerReference()
                .withUid(job.getMetadata().getUid())
                .withController(true)
                .endOwnerReference()
                .endMetadata()
                .withNewStatus()
                .withPhase("Pending")
                .endStatus();
        if (index >= 0) {
            pod.editMetadata()
                    .addToAnnotations("batch.kubernetes.io/job-completion-index", Integer.toString(index))
                    .endMetadata();
        }
        Pod built = pod.build();
        shared.pods.add(built);
        return built;
    }

    static void unschedulable(Pod pod, String message) {
        pod.setStatus(new PodBuilder(pod)
                .editStatus()
                .addNewCondition()
                .withType("PodScheduled")
                .withStatus("False")
                .withReason("Unschedulable")
                .withMessage(message)
                .endCondition()
                .endStatus()
                .build()
                .getStatus());
    }

    static void waiting(Pod pod, String reason, @Nullable String message) {
        state(
                pod,
                "Pending",
                new ContainerStateBuilder().withNewWaiting(message, reason).build());
    }

    static void run(Pod pod, Instant now) {
        state(
                pod,
                "Running",
                new ContainerStateBuilder().withNewRunning(now.toString()).build());
    }

    /** Ends a pod with an exit code and a termination message. */
    static void end(Pod pod, int exitCode, String message, Instant now) {
        state(
                pod,
                exitCode == 0 ? "Succeeded" : "Failed",
                new ContainerStateBuilder()
                        .withNewTerminated()
                        .withExitCode(exitCode)
                        .withMessage(message)
                        .withStartedAt(StagePods.startOf(pod).orElse(now).toString())
                        .withFinishedAt(now.toString())
                        .endTerminated()
                        .build());
    }

    static String message(int exitCode, String message) {
        return "{\"digest\":null,\"exitCode\":" + exitCode + ",\"message\":\"" + message + "\"}";
    }

    private static void state(Pod pod, String phase, ContainerState state) {
        pod.setStatus(new PodBuilder(pod)
                .editStatus()
                .withPhase(phase)
                .withContainerStatuses()
                .addNewContainerStatus()
                .withName("stage")
                .withState(state)
                .endContainerStatus()
                .endStatus()
                .build()
                .getStatus());
    }

    static void disrupted(Pod pod) {
        pod.setStatus(new PodBuilder(pod)
                .editStatus()
                .addNewCondition()
                .withType("DisruptionTarget")
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build()
                .getStatus());
    }

    static void complete(Job job, Instant now) {
        condition(job, "Complete", "Reached expected number of succeeded pods", now);
    }

    static void fail(Job job, String message, Instant now) {
        condition(job, "Failed", message, now);
    }

    static void failures(Job job, int count) {
        job.getStatus().setFailed(count);
    }

    static void indexes(Job job, String completed, String failed) {
        job.getStatus().setCompletedIndexes(completed);
        job.getStatus().setFailedIndexes(failed);
    }

    private static void condition(Job job, String type, String message, Instant now) {
        JobStatus status = job.getStatus();
        List<io.fabric8.kubernetes.api.model.batch.v1.JobCondition> conditions =
                new ArrayList<>(status.getConditions());
        conditions.add(new JobConditionBuilder()
                .withType(type)
                .withStatus("True")
                .withMessage(message)
                .withLastTransitionTime(now.toString())
                .build());
        status.setConditions(conditions);
        status.setCompletionTime(now.toString());
    }
}
