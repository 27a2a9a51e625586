package dev.moco.operator.reconcile;

import dev.moco.contract.Experiment;
import dev.moco.contract.Stage;
import dev.moco.operator.jobs.Look;
import dev.moco.operator.plan.Decision;
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
record Wanted(
        StoreLogin login,
        Map<String, String> sources,
        List<Look> looks,
        Map<String, Stage> running,
        Optional<Report> report) {
    Wanted {
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
}
