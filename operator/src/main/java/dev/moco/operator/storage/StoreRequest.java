package dev.moco.operator.storage;

import dev.moco.contract.Experiment;
import dev.moco.contract.Stage;
import dev.moco.operator.decide.ReconcilePlan;
import dev.moco.operator.jobs.ReportPlace;
import dev.moco.operator.jobs.StoreAccess;
import dev.moco.operator.observe.ManifestQuery;
import dev.moco.operator.observe.ReconcileInput;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Plan;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.Task;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an experiment needs to know of its store.
 *
 * @param login store
 * @param sources raw data that is not listed yet, by the task that prepares it
 * @param looks at keys
 * @param running stages whose progress is followed, by key
 * @param report to be written, once everything has ended
 */
public record StoreRequest(
        StoreLogin login,
        Map<String, String> sources,
        List<ManifestQuery> looks,
        Map<String, Stage> running,
        Optional<Report> report) {
    public StoreRequest {
        sources = Map.copyOf(sources);
        looks = List.copyOf(looks);
        running = Map.copyOf(running);
    }

    /**
     * A report.
     *
     * @param prefix where it goes, below the store's own
     * @param uri of the HTML
     */
    record Report(String prefix, String uri, Experiment experiment, Decision decision) {}

    /** Same, with more stages to follow. */
    StoreRequest following(Map<String, Stage> more) {
        Map<String, Stage> all = new HashMap<>(running);
        all.putAll(more);
        return new StoreRequest(login, sources, looks, all, report);
    }

    /** What a turn lacks. */
    public static StoreRequest by(ReconcilePlan turn, ReconcileInput scene, StoreAccess access) {
        Map<String, String> sources = new HashMap<>();
        for (Task task : Plan.tasks(scene.experiment())) {
            if (turn.unlisted().contains(task.name())) {
                Plan.source(scene.experiment(), task).ifPresent(source -> sources.put(task.name(), source));
            }
        }
        Map<String, Stage> running = new HashMap<>();
        for (PlannedTask task : turn.decision().map(Decision::tasks).orElse(List.of())) {
            if (task.state().active()) {
                task.key().ifPresent(key -> running.put(key, task.task().stage()));
            }
        }
        Optional<Report> report = turn.decision()
                .filter(decision -> turn.report())
                .map(decision -> new Report(
                        ReportPlace.prefix(scene.owner()),
                        ReportPlace.uri(access, scene.owner()),
                        scene.experiment(),
                        decision));
        return new StoreRequest(
                StoreLogin.of(access, scene.owner().namespace()), sources, turn.looks(), running, report);
    }
}
