package dev.moco.operator.local;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.contract.StageFailure;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Metric;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.report.Metrics;
import dev.moco.operator.report.ReportInput;
import dev.moco.operator.spec.ExperimentFile;
import dev.moco.operator.spec.ExperimentFiles;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A run as {@code status.json} has it: the status with full keys and all metrics, the experiment, and the command.
 *
 * @param file file that was read
 * @param source the experiment
 * @param status its status then
 */
public record RecordedRun(Path file, ExperimentFiles.Source source, MoCoExperimentStatus status) {
    private static final String EXPERIMENT = "experiment";
    private static final String FILE = "file";
    private static final String STATUS = "status";
    private static final int LONGEST_NAME = 512;
    /** Metrics have all their fields, so that a program need not ask which there are. */
    private static final JsonMapper JSON =
            JsonMapper.builder().addMixIn(Metric.class, AllFields.class).build();

    @JsonInclude
    private interface AllFields {}

    /**
     * The file and the command of an experiment.
     *
     * @param tree its document
     * @param file its file; null if its folders are absolute
     * @param command the command that runs it; null if there is no file to run
     */
    public record Origin(
            JsonNode tree, @Nullable Path file, @Nullable String command) {
        /** An experiment that {@link RunRecords} has kept. */
        public static Origin recorded(JsonNode tree) {
            return new Origin(tree, null, null);
        }
    }

    /** The content of {@code status.json}. */
    public static ObjectNode json(MoCoExperimentStatus status, ReportInput input, Decision decision, Origin origin) {
        ObjectNode json = withNumbers(JSON.valueToTree(status), input, decision);
        if (origin.command() != null) {
            json.put("command", origin.command());
        }
        if (origin.file() != null) {
            json.put(FILE, origin.file().toAbsolutePath().normalize().toString());
        }
        json.set(EXPERIMENT, withoutStatus(origin.tree()));
        return json;
    }

    /** The same of a resource of a cluster, with the results in its store. */
    public static ObjectNode json(JsonNode resource, ReportInput input, Decision decision) {
        return withNumbers(json(resource), input, decision);
    }

    /** A status with full keys and digests, and with all metrics. */
    private static ObjectNode withNumbers(ObjectNode json, ReportInput input, Decision decision) {
        for (PlannedTask task : decision.tasks()) {
            for (JsonNode stage : json.path("stages")) {
                if (stage.path("name").asText().equals(task.task().name())) {
                    task.key().ifPresent(key -> ((ObjectNode) stage).put("key", key));
                    task.manifest().ifPresent(manifest -> ((ObjectNode) stage).put("digest", manifest.digest()));
                }
            }
        }
        json.set("metrics", JSON.valueToTree(Metrics.all(input)));
        return json;
    }

    /** The status of a resource of a cluster with the resource itself, to be run from. */
    public static ObjectNode json(JsonNode resource) {
        ObjectNode json = JSON.createObjectNode();
        if (resource.path(STATUS) instanceof ObjectNode status) {
            json.setAll(status.deepCopy());
        }
        json.set(EXPERIMENT, withoutStatus(resource));
        return json;
    }

    private static JsonNode withoutStatus(JsonNode resource) {
        ObjectNode copy = resource.deepCopy();
        copy.remove(STATUS);
        if (copy.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove("managedFields");
        }
        return copy;
    }

    /**
     * Reads {@code status.json} or {@code status.yaml} of a report, or a resource with its status. Relative folders of raw data
     * are below the folder of the experiment's file, where that exists, else below the current one.
     *
     * @throws StageFailure bad configuration, naming every problem
     */
    public static RecordedRun read(Path file) {
        JsonNode tree = ExperimentFile.tree(file);
        boolean ofReport = tree.has(EXPERIMENT);
        if (!ofReport && !(tree.has("spec") && tree.has(STATUS))) {
            throw StageFailure.badConfig(file + " must be the status.json of a report, or a resource with its status;"
                    + " found neither the field experiment nor spec and status");
        }
        JsonNode experiment = ofReport ? tree.get(EXPERIMENT) : tree;
        JsonNode status = ofReport ? tree : tree.get(STATUS);
        // Before anything runs: with these the results are compared at the end.
        requireNames(file, status.path("stages"));
        requireNames(file, status.path("metrics"));
        try {
            return new RecordedRun(
                    file,
                    ExperimentFiles.recorded(
                            file, experiment, folder(tree.path(FILE).asText(""))),
                    JSON.treeToValue(status, MoCoExperimentStatus.class));
        } catch (JsonProcessingException e) {
            throw StageFailure.badConfig(file + " has a status of another form: " + e.getOriginalMessage(), e);
        }
    }

    private static void requireNames(Path file, JsonNode named) {
        for (JsonNode each : named) {
            if (!each.path("name").isTextual() || each.path("name").textValue().length() > LONGEST_NAME) {
                throw StageFailure.badConfig(file + " must have a name of at most " + LONGEST_NAME
                        + " characters for each of its stages and metrics");
            }
        }
    }

    private static Path folder(String recorded) {
        Path parent;
        try {
            parent = recorded.isEmpty() ? null : Path.of(recorded).getParent();
        } catch (InvalidPathException e) {
            parent = null; // of a file system that has other names
        }
        return parent != null && Files.isDirectory(parent)
                ? parent
                : Path.of("").toAbsolutePath();
    }
}
