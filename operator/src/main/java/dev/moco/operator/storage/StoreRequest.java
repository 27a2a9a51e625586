package dev.moco.operator.storage;

import dev.moco.contract.Experiment;
import dev.moco.contract.Stage;
import dev.moco.contract.Task;
import dev.moco.operator.decide.ReconcilePlan;
import dev.moco.operator.jobs.ReportPlace;
import dev.moco.operator.jobs.StoreAccess;
import dev.moco.operator.observe.ManifestQuery;
import dev.moco.operator.observe.ReconcileInput;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads that an experiment needs from its store.
 *
 * @param login store and credentials
 * @param sources raw data to list, by the task that prepares it
 * @param queries manifests to query
 * @param running stages whose progress is polled, by key
 * @param report the report to write, once everything has ended
 */
public record StoreRequest(
        StoreLogin login,
        Map<String, String> sources,
        List<ManifestQuery> queries,
        Map<String, Stage> running,
        Optional<Report> report) {
    public StoreRequest {
        sources = Map.copyOf(sources);
        queries = List.copyOf(queries);
        running = Map.copyOf(running);
    }

    /**
     * A report to write.
     *
     * @param prefix key prefix of the report below the store's prefix
     * @param uri URI of the HTML file
     */
    record Report(String prefix, String uri, Experiment experiment, Decision decision) {}

    /** A copy that polls more stages. */
    StoreRequest withRunning(Map<String, Stage> more) {
        Map<String, Stage> all = new HashMap<>(running);
        all.putAll(more);
        return new StoreRequest(login, sources, queries, all, report);
    }

    /** Request for everything that a reconcile plan still needs to know. */
    public static StoreRequest of(ReconcilePlan plan, ReconcileInput input, StoreAccess access) {
        Map<String, String> sources = new HashMap<>();
        for (Task task : input.experiment().tasks()) {
            if (plan.unlisted().contains(task.name())) {
                task.source().ifPresent(source -> sources.put(task.name(), source));
            }
        }
        Map<String, Stage> running = new HashMap<>();
        for (PlannedTask task : plan.decision().map(Decision::tasks).orElse(List.of())) {
            if (task.state().active()) {
                task.key().ifPresent(key -> running.put(key, task.task().stage()));
            }
        }
        Optional<Report> report = plan.decision()
                .filter(decision -> plan.report())
                .map(decision -> new Report(
                        ReportPlace.prefix(input.owner()),
                        ReportPlace.uri(access, input.owner()),
                        input.experiment(),
                        decision));
        return new StoreRequest(
                StoreLogin.of(access, input.owner().namespace()), sources, plan.queries(), running, report);
    }
}
