package dev.moco.operator.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.contract.StageTask;
import dev.moco.operator.api.ConditionStatus;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.PodPhase;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** One attempt at a task: a pod and its {@code StageTask}. */
public record PodAttempt(Pod pod) {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * Attempts at a task among pods, oldest first. They are matched by key, since another experiment may name the task
     * differently. Of a task on several nodes the first one's pods are shown, which write its progress.
     */
    static List<PodAttempt> of(List<Pod> pods, StageView stage) {
        return pods.stream()
                .map(PodAttempt::new)
                .filter(pod -> pod.task().path("key").asText("-").startsWith(stage.key()))
                .filter(pod -> pod.variable(StageTask.VARIABLE).isEmpty() || pod.index() <= 0)
                .sorted(Comparator.comparing(PodAttempt::created).thenComparing(PodAttempt::name))
                .toList();
    }

    public String name() {
        return pod.getMetadata().getName();
    }

    String uid() {
        return pod.getMetadata().getUid();
    }

    private String created() {
        return Objects.requireNonNullElse(pod.getMetadata().getCreationTimestamp(), "");
    }

    /** The {@code StageTask} of the pod; a missing node in another program's pod. */
    JsonNode task() {
        Optional<JsonNode> one = variable(StageTask.VARIABLE);
        return one.orElseGet(() -> variable(StageTask.LIST_VARIABLE)
                .map(tasks -> tasks.path(index()))
                .orElse(JSON.missingNode()));
    }

    private int index() {
        Map<String, String> annotations =
                Objects.requireNonNullElse(pod.getMetadata().getAnnotations(), Map.of());
        String index = annotations.getOrDefault(JobLabels.COMPLETION_INDEX, "");
        return index.matches("[0-9]{1,6}") ? Integer.parseInt(index) : -1;
    }

    private Optional<JsonNode> variable(String name) {
        return pod.getSpec().getContainers().stream()
                .flatMap(container -> container.getEnv().stream())
                .filter(variable -> variable.getName().equals(name))
                .map(EnvVar::getValue)
                .filter(Objects::nonNull)
                .findFirst()
                // Kubernetes escapes a dollar sign that starts no reference as $$.
                .map(value -> value.replace("$$(", "$("))
                .flatMap(PodAttempt::json);
    }

    private static Optional<JsonNode> json(String text) {
        try {
            return Optional.of(JSON.readTree(text));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /** True if its container has terminated. */
    boolean ended() {
        return succeeded() || phase().equals(PodPhase.FAILED);
    }

    boolean succeeded() {
        return phase().equals(PodPhase.SUCCEEDED);
    }

    private String phase() {
        return Optional.ofNullable(pod.getStatus()).map(PodStatus::getPhase).orElse("");
    }

    /** Reason of its end: {@code Evicted}, {@code exit code 75}. */
    String end() {
        String reason =
                Optional.ofNullable(pod.getStatus()).map(PodStatus::getReason).orElse("");
        String exit =
                Optional.ofNullable(pod.getStatus()).map(PodStatus::getContainerStatuses).orElse(List.of()).stream()
                        .filter(status ->
                                status.getState() != null && status.getState().getTerminated() != null)
                        .map(status ->
                                "exit code " + status.getState().getTerminated().getExitCode())
                        .findFirst()
                        .orElse("");
        return reason.isEmpty() ? exit : exit.isEmpty() ? reason : reason + ", " + exit;
    }

    /** Reason why it has not started: the scheduler's message, or an image pull error. */
    String waiting() {
        String container =
                Optional.ofNullable(pod.getStatus()).map(PodStatus::getContainerStatuses).orElse(List.of()).stream()
                        .filter(status ->
                                status.getState() != null && status.getState().getWaiting() != null)
                        .map(status -> status.getState().getWaiting().getReason())
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse("");
        if (!container.isEmpty()) {
            return container;
        }
        return Optional.ofNullable(pod.getStatus()).map(PodStatus::getConditions).orElse(List.of()).stream()
                .filter(condition ->
                        ConditionStatus.FALSE.equals(condition.getStatus()) && condition.getMessage() != null)
                .map(condition -> condition.getMessage())
                .findFirst()
                .orElse("");
    }
}
