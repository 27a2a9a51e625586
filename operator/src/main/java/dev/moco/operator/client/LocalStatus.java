package dev.moco.operator.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Printable;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prints experiments of a work folder or a bucket, once or until they have ended. */
public final class LocalStatus {
    private static final long POLL_MILLIS = 1000;

    private LocalStatus() {}

    /** The resource of one experiment, or the list of all, as {@code kubectl get} prints them. */
    public static JsonNode resources(LocalExperiments experiments, @Nullable String name) throws IOException {
        return name == null
                ? StatusView.list(views(experiments, null))
                : experiments.one(name).view().tree();
    }

    /**
     * Prints one line for each experiment, or one experiment.
     *
     * @param name the experiment; null for all
     * @param wide true adds columns
     * @param untilEnd true repeats until all have ended, and in a work folder until no run works in it
     * @return exit code; 1 if it was to wait and one did not succeed
     */
    public static int show(
            LocalExperiments experiments, @Nullable String name, boolean wide, boolean untilEnd, Screen screen)
            throws IOException, InterruptedException {
        experiments
                .unreadable()
                .forEach((record, reason) -> System.err.println(
                        "moco: the record of " + record + " cannot be read: " + Printable.message(reason)));
        while (true) {
            // Before the results, so that those of a run that ends meanwhile are seen.
            boolean mayRun = experiments.mayRun();
            List<ExperimentView> views = views(experiments, name);
            if (views.isEmpty()) {
                System.err.println(
                        "moco: no experiments in " + experiments.place() + "; `moco run` records those that it runs");
            }
            Instant now = Instant.now();
            boolean read = screen.show(
                    name == null
                            ? ExperimentList.of(views, wide, false, now)
                            : ExperimentDetail.of(views.get(0), wide, now));
            if (!untilEnd) {
                return ExitCode.DONE;
            } else if (views.isEmpty() || StatusView.ended(views) || !mayRun) {
                return StatusView.exitCode(views);
            } else if (!read) {
                return Screen.CLOSED;
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private static List<ExperimentView> views(LocalExperiments experiments, @Nullable String name) throws IOException {
        return name != null
                ? List.of(experiments.one(name).view())
                : experiments.all().stream().map(StoredExperiment::view).toList();
    }
}
