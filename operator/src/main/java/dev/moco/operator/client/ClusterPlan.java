package dev.moco.operator.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.Task;
import dev.moco.operator.local.LocalObservations;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.spec.ExperimentFile;
import dev.moco.operator.spec.ExperimentReader;
import dev.moco.operator.spec.Reading;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Plan of a cluster for an experiment that would be applied to it.
 *
 * @param reading the experiment
 * @param decision tasks that are committed, and tasks that would run
 * @param runningElsewhere message about the experiment that runs a task's key already, by task; the operator would wait
 *     for it
 * @param unlisted tasks whose raw data cannot be listed from here
 * @param notes further lines for the user
 */
public record ClusterPlan(
        Reading reading,
        Decision decision,
        Map<String, String> runningElsewhere,
        Map<String, String> unlisted,
        List<String> notes) {
    public ClusterPlan {
        runningElsewhere = Map.copyOf(runningElsewhere);
        unlisted = Map.copyOf(unlisted);
        notes = List.copyOf(notes);
    }

    /** Digits of a key in a status. */
    private static final int KEY_DIGITS = 12;

    /**
     * Plans a file's experiment.
     *
     * @param dataRoot folder where the cluster's raw data is mounted here; null if it is not
     * @throws StageFailure if the cluster or its store cannot be reached
     */
    public static ClusterPlan of(Target target, Path file, @Nullable Path dataRoot, StoreChoice choice)
            throws IOException {
        JsonNode tree = ExperimentFile.tree(file);
        // Folders of the cluster are not relative to the file.
        Reading reading = ExperimentReader.read(tree, Optional.of(dataRoot == null ? Path.of("/") : dataRoot));
        try (ClusterClient cluster = ClusterClient.open(inOwnNamespace(target, tree))) {
            List<ExperimentView> others = cluster.experiments(false, null);
            ExperimentView same = others.stream()
                    .filter(other -> other.name().equals(reading.experiment().name()))
                    .findFirst()
                    .orElse(null);
            StoreOf place = choice.of(cluster, reading, same);
            try (ClusterStore store = ClusterStore.open(cluster, place)) {
                Map<String, String> unlisted = new LinkedHashMap<>();
                Map<String, String> fingerprints = fingerprints(reading, tree, dataRoot, store, others, unlisted);
                Decision decision = new LocalObservations(reading.experiment(), store.artifacts(), fingerprints)
                        .decide(Instant.now());
                return new ClusterPlan(
                        reading,
                        decision,
                        runningElsewhere(decision, others),
                        unlisted,
                        List.of("Store: " + store.objects().place() + "; namespace " + cluster.namespace() + " of "
                                + cluster.place() + "."));
            }
        }
    }

    /** Namespace as in kubectl: of the option, the file, or the context. */
    private static Target inOwnNamespace(Target target, JsonNode tree) {
        String own = tree.path("metadata").path("namespace").asText("");
        if (target.namespace() != null && !own.isEmpty() && !own.equals(target.namespace())) {
            throw StageFailure.badConfig(
                    "metadata.namespace is \"" + own + "\", and -n names another, \"" + target.namespace() + "\"");
        }
        return target.namespace() != null || own.isEmpty()
                ? target
                : new Target(target.kubeconfig(), target.context(), own);
    }

    /** Fingerprints of raw data: buckets are listed, folders taken from the status of an experiment with the same folder. */
    private static Map<String, String> fingerprints(
            Reading reading,
            JsonNode tree,
            @Nullable Path dataRoot,
            ClusterStore store,
            List<ExperimentView> others,
            Map<String, String> unlisted)
            throws IOException {
        Map<String, String> fingerprints = new HashMap<>();
        for (Task task : reading.experiment().tasks()) {
            if (task.source().isEmpty()) {
                continue;
            }
            String source = task.source().get();
            if (source.startsWith("s3://") || dataRoot != null) {
                fingerprints.put(task.name(), store.fingerprint(source));
                continue;
            }
            String folder = source(tree, task);
            Optional<String> noted = others.stream()
                    .filter(other -> source(other.tree(), task).equals(folder))
                    .flatMap(other -> noted(other, task.name()).stream())
                    .findFirst();
            noted.ifPresentOrElse(
                    known -> fingerprints.put(task.name(), known),
                    () -> unlisted.put(
                            task.name(),
                            "it reads " + folder
                                    + " in the cluster, which no experiment there has listed yet; mount it here and name"
                                    + " the mount with --data-root DIR"));
        }
        return fingerprints;
    }

    /** Source of a task as a spec names it: raw data in the field that is called like the data set. */
    private static String source(JsonNode tree, Task task) {
        JsonNode spec = tree.path("spec");
        if (task.config() instanceof PrepareConfig prepare) {
            String field = prepare.dataset().name().toLowerCase(Locale.ROOT);
            return spec.path("data").path(field).asText("");
        }
        return spec.at("/encoder/from").asText(spec.at("/pretrain/from/file").asText(""));
    }

    private static Optional<String> noted(ExperimentView experiment, String task) {
        for (JsonNode data : experiment.status().path("data")) {
            if (data.path("name").asText().equals(task)) {
                return Optional.of(data.path("fingerprint").asText());
            }
        }
        return Optional.empty();
    }

    static Map<String, String> runningElsewhere(Decision decision, List<ExperimentView> others) {
        Map<String, String> running = new HashMap<>();
        for (PlannedTask task : decision.tasks()) {
            if (task.state() == TaskState.SUCCEEDED || task.key().isEmpty()) {
                continue;
            }
            String digits = task.key().get().substring(0, KEY_DIGITS);
            for (ExperimentView other : others) {
                other.stages().stream()
                        .filter(stage -> !stage.job().isEmpty()
                                && !stage.ended()
                                && stage.key().equals(digits))
                        .findFirst()
                        .ifPresent(stage -> running.put(
                                task.task().name(),
                                other.name()
                                        + (stage.running() ? " runs it now, Job " : " has it as Job ")
                                        + stage.job()));
            }
        }
        return running;
    }

    /** Reason of a task's state. */
    public String reason(PlannedTask task) {
        return unlisted.getOrDefault(task.task().name(), task.reason());
    }

    /** Parses a Kubernetes quantity of memory, in MiB. */
    public static long mebibytes(String quantity) {
        return Quantity.getAmountInBytes(Quantity.parse(quantity)).longValue() >> 20;
    }
}
