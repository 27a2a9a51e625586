package dev.moco.operator.resilience;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.moco.localcluster.ApiProxy.Write;

/** A request of the operator that changes an object of the cluster. */
record OperatorWrite(String method, String path, String body) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static OperatorWrite of(Write request) {
        return new OperatorWrite(request.method(), request.path(), request.body());
    }

    private JsonNode json() {
        try {
            return body.isEmpty() ? MissingNode.getInstance() : JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }

    /** True if the request creates the Job of a task. */
    boolean createsJobOf(String task) {
        return method.equals("POST")
                && path.endsWith("/jobs")
                && json().at("/metadata/name").asText().startsWith(task + "-");
    }

    /** Text that differs between writes, and is the same for a repetition of one write. */
    String identity() {
        JsonNode json = json();
        JsonNode meta = json.path("metadata");
        // Two reconciles of the same state write statuses that differ in times only.
        String about = writesStatus()
                ? stages(json) + json.at("/status/completionTime").isTextual()
                : "";
        return method + " " + path + " " + meta.path("name").asText() + " " + about;
    }

    private static String stages(JsonNode json) {
        StringBuilder stages = new StringBuilder();
        json.at("/status/stages")
                .forEach(stage -> stages.append(stage.path("name").asText())
                        .append('=')
                        .append(stage.path("state").asText())
                        .append(' '));
        return stages.toString();
    }

    /** True if the request writes an experiment's status. */
    boolean writesStatus() {
        return path.contains("/mocoexperiments/") && path.endsWith("/status");
    }

    /** True if the request writes a status in which a task has a state. */
    boolean reports(String task, String state) {
        if (!writesStatus()) {
            return false;
        }
        for (JsonNode stage : json().at("/status/stages")) {
            if (stage.path("name").asText().equals(task)) {
                return stage.path("state").asText().equals(state);
            }
        }
        return false;
    }

    /** True if the request writes the status of an experiment that has ended. */
    boolean reportsTheEnd() {
        return writesStatus() && !json().at("/status/completionTime").asText().isEmpty();
    }

    @Override
    public String toString() {
        JsonNode json = json();
        return method + " " + path + " " + json.at("/metadata/name").asText() + " "
                + json.path("reason").asText();
    }
}
