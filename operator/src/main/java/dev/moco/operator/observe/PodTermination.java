package dev.moco.operator.observe;

import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Termination;
import dev.moco.operator.api.ConditionStatus;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.PodPhase;
import dev.moco.operator.jobs.StageContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the termination of a stage's pod. */
final class PodTermination {
    private static final String DISRUPTION = "DisruptionTarget";
    private static final int TERMINATED = 128 + 15;
    private static final int KILLED = 128 + 9;

    private PodTermination() {}

    static boolean failed(Pod pod) {
        return pod.getStatus() != null && PodPhase.FAILED.equals(pod.getStatus().getPhase());
    }

    /** True if the Job will create no pod after this one: it succeeded, or its failure is not retried. */
    static boolean isLast(Pod pod) {
        Integer exitCode =
                terminated(pod).map(ContainerStateTerminated::getExitCode).orElse(null);
        return exitCode != null
                && (exitCode == ExitCode.DONE || exitCode == ExitCode.BAD_DATA || exitCode == ExitCode.BAD_CONFIG);
    }

    /** True if it failed by a disruption, by the rules of the Job's pod failure policy. */
    static boolean byInfrastructure(Pod pod) {
        boolean disrupted = pod.getStatus() != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(is -> DISRUPTION.equals(is.getType()) && ConditionStatus.TRUE.equals(is.getStatus()));
        Integer exitCode =
                terminated(pod).map(ContainerStateTerminated::getExitCode).orElse(null);
        return disrupted || (exitCode != null && (exitCode == ExitCode.INTERRUPTED || exitCode == TERMINATED));
    }

    static Optional<ContainerState> state(Pod pod) {
        return status(pod).map(ContainerStatus::getState);
    }

    private static Optional<ContainerStatus> status(Pod pod) {
        return pod.getStatus() == null
                ? Optional.empty()
                : pod.getStatus().getContainerStatuses().stream()
                        .filter(status -> StageContainerBuilder.NAME.equals(status.getName()))
                        .findFirst();
    }

    static Optional<ContainerStateTerminated> terminated(Pod pod) {
        return state(pod).map(ContainerState::getTerminated);
    }

    /** Termination message of a pod; Kubernetes' own reason where it left none. */
    static Termination of(Pod pod) {
        Optional<ContainerStateTerminated> end = terminated(pod);
        if (end.isEmpty() || end.get().getExitCode() == null) {
            return new Termination(ExitCode.FAULT, "pod " + name(pod) + " was lost" + why(pod), null);
        }
        int exitCode = end.get().getExitCode();
        @Nullable String message = end.get().getMessage();
        if (message != null && !message.isBlank()) {
            try {
                Termination termination =
                        CanonicalJson.read(message.getBytes(StandardCharsets.UTF_8), Termination.class);
                return new Termination(exitCode, termination.message(), termination.digest());
            } catch (UncheckedIOException e) {
                return new Termination(
                        exitCode,
                        "ended with exit code " + exitCode + ", its termination message: " + message.strip(),
                        null);
            }
        }
        return new Termination(
                exitCode,
                "ended with exit code " + exitCode + " without a termination message" + cause(pod, exitCode, end.get()),
                null);
    }

    private static String cause(Pod pod, int exitCode, ContainerStateTerminated end) {
        if ("OOMKilled".equals(end.getReason())) {
            return ": out of memory (OOMKilled); give it more with spec.resources."
                    + JobLabels.label(pod, JobLabels.STAGE).orElse("<stage>") + ".memory";
        }
        return exitCode == KILLED ? ": killed, perhaps for lack of memory" + why(pod) : why(pod);
    }

    private static String why(Pod pod) {
        if (pod.getStatus() == null) {
            return "";
        }
        @Nullable String reason = pod.getStatus().getReason();
        @Nullable String message = pod.getStatus().getMessage();
        return (reason == null ? "" : ", " + reason) + (message == null ? "" : ": " + message);
    }

    private static String name(Pod pod) {
        return pod.getMetadata().getName();
    }
}
