package dev.moco.operator.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.report.StatusReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A task in the status of an experiment; a missing field is an empty text.
 *
 * @param tree element of {@code status.stages}
 */
public record StageView(JsonNode tree) {
    public String name() {
        return text("name");
    }

    public String stage() {
        return text("stage");
    }

    public String state() {
        return text("state");
    }

    /** First digits of its key. */
    public String key() {
        return text("key");
    }

    public String job() {
        return text("job");
    }

    public String pod() {
        return text("pod");
    }

    public boolean running() {
        return TaskState.RUNNING.is(state());
    }

    /** True if its Job exists but none of its pods runs. */
    boolean pending() {
        return TaskState.PENDING.is(state()) || TaskState.WAITING.is(state());
    }

    /** True if its pod may still report progress, also while it saves a checkpoint before it stops. */
    private boolean works() {
        return running() || TaskState.STOPPING.is(state());
    }

    public boolean ended() {
        return TaskState.isTerminal(state());
    }

    /** Time of its end, or of its start; empty before it started. */
    String lastTime() {
        String completion = text("completionTime");
        return completion.isEmpty() ? text("startTime") : completion;
    }

    /** {@code 34% epoch 68/200}. */
    public String progress() {
        JsonNode progress = tree.path("progress");
        if (!works() || progress.isMissingNode()) {
            return "";
        }
        String percent = progress.path("percent").asText("");
        int epochs = progress.path("epochs").asInt(0);
        int epoch = Math.min(progress.path("epoch").asInt(0) + 1, epochs);
        return ((percent.isEmpty() ? "" : percent.replace("%", "") + "%")
                        + (epochs > 1 ? " epoch " + epoch + "/" + epochs : ""))
                .strip();
    }

    public String eta() {
        JsonNode seconds = tree.path("progress").path("etaSeconds");
        return works() && seconds.isNumber() ? StatusReport.eta(seconds.asDouble()) : "";
    }

    /** A metric of the progress; empty unless the task runs. */
    public String metric(String field) {
        return works() ? tree.path("progress").path(field).asText("") : "";
    }

    /** Duration from the start to the end, or to now. */
    public String time(Instant now) {
        return ExperimentView.time(tree, "startTime")
                .map(start -> Age.of(Duration.between(
                        start, ExperimentView.time(tree, "completionTime").orElse(now))))
                .orElse("");
    }

    /** The reason with counts: {@code runs (2 interruptions, 1 retry)}. */
    public String why() {
        List<String> counted = new ArrayList<>();
        count(counted, tree.path("infraFailures").asInt(0), "interruption", "interruptions");
        count(counted, tree.path("userFailures").asInt(0), "failure", "failures");
        String reason = text("reason");
        return counted.isEmpty() ? reason : (reason + " (" + String.join(", ", counted) + ")").strip();
    }

    private static void count(List<String> counted, int times, String one, String many) {
        if (times > 0) {
            counted.add(times + " " + (times == 1 ? one : many));
        }
    }

    private String text(String field) {
        return tree.path(field).asText("");
    }
}
