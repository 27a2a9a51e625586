package dev.moco.operator.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import dev.moco.operator.report.ExperimentState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Prints experiments of a cluster, once or until they have ended. */
public final class StatusView {
    /** Seconds without a watch before it counts as lost; a regular reconnect takes less. */
    private static final int SECONDS_LOST = 5;

    private final Screen screen;
    private final Function<List<ExperimentView>, Frame> frame;

    private StatusView(Screen screen, Function<List<ExperimentView>, Frame> frame) {
        this.screen = screen;
        this.frame = frame;
    }

    /**
     * Prints one experiment.
     *
     * @param wide true adds keys and pods
     * @param untilEnd true watches it to its end
     * @return exit code; 1 if it was watched and did not succeed
     */
    public static int one(Target target, String name, boolean wide, boolean untilEnd, Screen screen)
            throws InterruptedException {
        StatusView view = new StatusView(screen, all -> ExperimentDetail.of(all.get(0), wide, Instant.now()));
        try (ClusterClient cluster = ClusterClient.open(target)) {
            List<ExperimentView> now = List.of(cluster.experiment(name));
            screen.show(view.frame.apply(now));
            if (!untilEnd || ended(now)) {
                return untilEnd ? exitCode(now) : ExitCode.DONE;
            }
            Semaphore changes = new Semaphore(0);
            try (ExperimentWatch watch = cluster.watch(name, changes::release)) {
                return view.watch(cluster, watch, changes, now);
            }
        }
    }

    /**
     * Prints one line for each experiment.
     *
     * @param everywhere true lists all namespaces
     * @param selector label selector; null lists all
     * @param wide true adds columns
     * @param untilEnd true watches them until all have ended
     * @return exit code; 1 if they were watched and one did not succeed
     */
    public static int all(
            Target target, boolean everywhere, @Nullable String selector, boolean wide, boolean untilEnd, Screen screen)
            throws InterruptedException {
        StatusView view = new StatusView(screen, all -> ExperimentList.of(all, wide, everywhere, Instant.now()));
        try (ClusterClient cluster = ClusterClient.open(target)) {
            List<ExperimentView> now = cluster.experiments(everywhere, selector);
            if (now.isEmpty()) {
                System.err.println("moco: no experiments"
                        + (everywhere ? "" : " in namespace " + cluster.namespace())
                        + (selector == null ? "" : " with labels " + selector));
            }
            screen.show(view.frame.apply(now));
            if (!untilEnd || ended(now)) {
                return untilEnd ? exitCode(now) : ExitCode.DONE;
            }
            Semaphore changes = new Semaphore(0);
            try (ExperimentWatch watch = cluster.watch(everywhere, selector, changes::release)) {
                return view.watch(cluster, watch, changes, now);
            }
        }
    }

    /** The resource of one experiment, or the list of several, as {@code kubectl get} prints them. */
    public static JsonNode resources(
            Target target, @Nullable String name, boolean everywhere, @Nullable String selector) {
        try (ClusterClient cluster = ClusterClient.open(target)) {
            if (name != null) {
                return cluster.experiment(name).tree();
            }
            return list(cluster.experiments(everywhere, selector));
        }
    }

    /** Resources as {@code kubectl get} lists them. */
    static JsonNode list(List<ExperimentView> experiments) {
        ObjectNode list =
                JsonNodeFactory.instance.objectNode().put("apiVersion", "v1").put("kind", "List");
        ArrayNode items = list.putArray("items");
        experiments.forEach(experiment -> items.add(experiment.tree()));
        return list;
    }

    private int watch(ClusterClient cluster, ExperimentWatch watch, Semaphore changes, List<ExperimentView> first)
            throws InterruptedException {
        List<ExperimentView> now = first;
        int lost = 0;
        while (true) {
            // Ages tick and lost connections are noticed without a change.
            boolean changed = changes.tryAcquire(1, TimeUnit.SECONDS);
            changes.drainPermits();
            if (watch.known()) {
                List<ExperimentView> newest = watch.experiments();
                if (newest.isEmpty() && !now.isEmpty()) {
                    throw StageFailure.fault(now.size() == 1 ? now.get(0).name() + " was deleted" : "all were deleted");
                }
                now = newest;
            }
            lost = watch.connected() || changed ? 0 : lost + 1;
            Frame shown = frame.apply(now);
            boolean read = screen.show(
                    lost > SECONDS_LOST ? with(shown, cluster.place() + " does not answer; trying again") : shown);
            if (ended(now)) {
                return exitCode(now);
            } else if (!read) {
                return Screen.CLOSED;
            }
        }
    }

    private static Frame with(Frame frame, String note) {
        List<String> below = new ArrayList<>(frame.below());
        below.add(note);
        return new Frame(frame.above(), frame.table(), frame.ticking(), below);
    }

    static boolean ended(List<ExperimentView> experiments) {
        return !experiments.isEmpty()
                && experiments.stream()
                        .allMatch(experiment -> experiment.state().ended());
    }

    static int exitCode(List<ExperimentView> ended) {
        return ended.stream().allMatch(experiment -> experiment.state() == ExperimentState.SUCCEEDED)
                ? ExitCode.DONE
                : ExitCode.FAULT;
    }
}
