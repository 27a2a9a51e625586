package dev.moco.operator.scenes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;

/**
 * A request that is to change something.
 *
 * @param method of HTTP
 * @param path without a query
 * @param body JSON, mostly
 */
record Write(String method, String path, String body) {
    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonNode json() {
        try {
            return body.isEmpty() ? MissingNode.getInstance() : JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }

    /** Whether it creates the Job of a task. */
    boolean createsJobOf(String task) {
        return method.equals("POST")
                && path.endsWith("/jobs")
                && json().at("/metadata/name").asText().startsWith(task + "-");
    }

    /** What tells it from other writes, but not from its own repetition. */
    String identity() {
        JsonNode json = json();
        JsonNode meta = json.path("metadata");
        // Two turns that find the same write a status that differs in times alone.
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

    /** Whether it writes an experiment's status. */
    boolean writesStatus() {
        return path.contains("/mocoexperiments/") && path.endsWith("/status");
    }

    /** Whether it writes a status in which a task has a state. */
    boolean tells(String task, String state) {
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

    /** Whether it writes a status that says that all is done. */
    boolean tellsTheEnd() {
        return writesStatus() && !json().at("/status/completionTime").asText().isEmpty();
    }

    /** Whether it creates an event with a reason. */
    boolean announces(String reason) {
        return path.endsWith("/events") && json().path("reason").asText().equals(reason);
    }

    /** Whether it is about the Lease of an election. */
    boolean isLease() {
        return path.contains("/leases");
    }

    @Override
    public String toString() {
        JsonNode json = json();
        return method + " " + path + " " + json.at("/metadata/name").asText() + " "
                + json.path("reason").asText();
    }
}
