package dev.moco.operator.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.moco.contract.Printable;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import dev.moco.operator.report.ExperimentState;
import dev.moco.operator.report.Spread;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A {@code MoCoExperiment} of the cluster. Fields are read by name and leniently, since the operator that wrote the
 * status may be older or newer than this program; a missing field is an empty text.
 *
 * @param tree the resource
 */
public record ExperimentView(JsonNode tree) {
    private static final String STATUS = "status";
    /** The one text of a status with lines: Markdown. */
    private static final String REPORT = "report";

    /** Texts of the status are from pods and servers: those of one line stay so, and none has an escape sequence. */
    public ExperimentView {
        if (tree.has(STATUS)) {
            tree = tree.deepCopy();
            ((ObjectNode) tree).set(STATUS, printable("", tree.get(STATUS)));
        }
    }

    private static JsonNode printable(String name, JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.propertyStream().forEach(field -> field.setValue(printable(field.getKey(), field.getValue())));
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, printable(name, array.get(i)));
            }
        } else if (node.isTextual()) {
            return TextNode.valueOf(
                    name.equals(REPORT) ? Printable.lines(node.textValue()) : Printable.line(node.textValue()));
        }
        return node;
    }

    public String namespace() {
        return tree.path("metadata").path("namespace").asText("");
    }

    public String name() {
        return tree.path("metadata").path("name").asText("");
    }

    public String label(String label) {
        return tree.path("metadata").path("labels").path(label).asText("");
    }

    public JsonNode status() {
        return tree.path("status");
    }

    /** A column, such as {@code top1}. */
    public String summary(String field) {
        return status().path("summary").path(field).asText("");
    }

    /** Time since the resource was made. */
    public String age(Instant now) {
        return time(tree.path("metadata"), "creationTimestamp")
                .map(created -> Age.of(Duration.between(created, now)))
                .orElse("");
    }

    /** A result as a number, by the name that does not change, such as {@code linear.top1.best}. */
    Optional<JsonNode> metric(String name) {
        for (JsonNode metric : status().path("metrics")) {
            if (metric.path("name").asText("").equals(name)) {
                return Optional.of(metric);
            }
        }
        return Optional.empty();
    }

    /** Mean and deviation of a {@link #metric}. */
    static Spread spread(JsonNode metric) {
        return new Spread(
                metric.path("value").asDouble(),
                metric.path("std").asDouble(0),
                metric.path("trials").asInt(1));
    }

    public List<StageView> stages() {
        List<StageView> stages = new ArrayList<>();
        status().path("stages").forEach(stage -> stages.add(new StageView(stage)));
        return stages;
    }

    private List<Condition> conditions() {
        List<Condition> conditions = new ArrayList<>();
        for (JsonNode condition : status().path("conditions")) {
            conditions.add(new Condition(
                    condition.path("type").asText(""),
                    condition.path("status").asText(""),
                    condition.path("reason").asText(""),
                    condition.path("message").asText(""),
                    null,
                    null));
        }
        return conditions;
    }

    public Optional<Condition> condition(String type) {
        return conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst();
    }

    public String conditionStatus(String type) {
        return condition(type).map(Condition::status).orElse("");
    }

    public ExperimentState state() {
        ExperimentState state = ExperimentState.of(conditions());
        boolean failed = state == ExperimentState.FAILED || state == ExperimentState.CANCELED;
        return failed && retried() ? ExperimentState.ofUnended(conditions()) : state;
    }

    /** True if another attempt was requested by {@code spec.retryToken} and the operator has not answered yet. */
    private boolean retried() {
        JsonNode spec = tree.path("spec");
        String token = Printable.line(spec.path("retryToken").asText(""));
        return !spec.path("cancel").asBoolean()
                && !token.equals(status().path("retryToken").asText(""));
    }

    static Optional<Instant> time(JsonNode node, String field) {
        String text = node.path(field).asText("");
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty(); // of another version
        }
    }
}
