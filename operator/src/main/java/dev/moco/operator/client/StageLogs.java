package dev.moco.operator.client;

import dev.moco.contract.ArtifactKey;
import dev.moco.contract.ExitCode;
import dev.moco.contract.NearestName;
import dev.moco.contract.Printable;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.operator.client.PodLog.ReadResult;
import dev.moco.operator.plan.TaskState;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Prints the log of a task: of its newest pod and of those that replace it. Messages go to {@code notes}. */
public final class StageLogs {
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(1);

    private final ClusterClient cluster;
    private final String experiment;
    private final PrintStream out;
    private final PrintStream notes;
    private String noted = "";

    private StageLogs(ClusterClient cluster, String experiment, PrintStream out, PrintStream notes) {
        this.cluster = cluster;
        this.experiment = experiment;
        this.out = out;
        this.notes = notes;
    }

    /**
     * Selection of a log.
     *
     * @param stage task; null for the running one, or the last that ran
     * @param follow true continues until the task has ended, across pods
     * @param previous true selects the pod before the newest
     * @param tail number of newest lines; negative prints all
     */
    public record LogRequest(@Nullable String stage, boolean follow, boolean previous, int tail) {}

    /** Writes the log, and returns an exit code. */
    public static int show(Target target, String experiment, LogRequest request, PrintStream out, PrintStream notes)
            throws InterruptedException {
        try (ClusterClient cluster = ClusterClient.open(target)) {
            StageLogs logs = new StageLogs(cluster, experiment, out, notes);
            ExperimentView view = cluster.experiment(experiment);
            StageView stage = choose(view, request.stage());
            List<PodAttempt> pods = logs.pods(stage);
            if (request.previous()) {
                if (pods.size() < 2) {
                    throw StageFailure.badConfig(stage.name() + " has "
                            + (pods.isEmpty()
                                    ? "no pod now"
                                    : "one pod only, " + pods.get(0).name())
                            + ": none came before");
                }
                return logs.once(view, stage, pods.get(pods.size() - 2), request.tail());
            }
            if (request.follow()) {
                return logs.stream(stage.name(), request.tail());
            }
            if (pods.isEmpty()) {
                throw StageFailure.fault(noPod(view, stage));
            }
            return logs.once(view, stage, pods.get(pods.size() - 1), request.tail());
        } catch (OutputClosed e) {
            return Screen.CLOSED;
        }
    }

    /**
     * The named task; without a name the first that runs or waits for its pod, or the last that had one.
     *
     * @throws StageFailure bad configuration if there is none
     */
    static StageView choose(ExperimentView experiment, @Nullable String named) {
        List<StageView> stages = experiment.stages();
        List<String> names = stages.stream().map(StageView::name).toList();
        if (stages.isEmpty()) {
            throw StageFailure.badConfig(experiment.name() + " has no stages yet: no operator has reconciled it");
        }
        if (named != null) {
            return stages.stream()
                    .filter(stage -> stage.name().equals(named))
                    .findFirst()
                    .orElseThrow(() ->
                            StageFailure.badConfig(experiment.name() + " has no stage \"" + named + "\"; nearest is \""
                                    + NearestName.of(named, names) + "\", it has: " + String.join(", ", names)));
        }
        return stages.stream()
                .filter(StageView::running)
                .findFirst()
                .or(() -> stages.stream().filter(StageView::pending).findFirst())
                .or(() -> stages.stream()
                        .filter(stage -> !stage.job().isEmpty())
                        .max(Comparator.comparing(StageView::lastTime)))
                .orElseThrow(() -> StageFailure.fault("no stage of " + experiment.name() + " has started: "
                        + stages.get(0).name() + " is " + stages.get(0).state() + ", "
                        + stages.get(0).why()));
    }

    private List<PodAttempt> pods(StageView stage) {
        return stage.job().isEmpty() ? List.of() : PodAttempt.of(cluster.podsOfJob(stage.job()), stage);
    }

    private int once(ExperimentView view, StageView stage, PodAttempt pod, int tail) throws InterruptedException {
        note(stage.name() + ": pod " + pod.name());
        ReadResult end = cluster.log(pod).read(false, tail, this::line);
        return switch (end) {
            case READ -> ExitCode.DONE;
            case NOT_STARTED ->
                throw StageFailure.fault("pod " + pod.name() + " has not started"
                        + (pod.waiting().isEmpty() ? "" : ": " + pod.waiting()) + "; -f waits for it");
            case GONE -> throw StageFailure.fault(noPod(view, stage));
            case BROKEN ->
                throw StageFailure.fault("the log of pod " + pod.name() + " broke off; -f reconnects by itself");
        };
    }

    /** Prints the logs of a task's pods until it has ended. */
    private int stream(String task, int tail) throws InterruptedException {
        @Nullable PodLog log = null;
        @Nullable String uid = null;
        while (true) {
            TaskPods current;
            try {
                current = current(task);
            } catch (StageFailure e) {
                if (e.exitCode() != ExitCode.FAULT) {
                    throw e;
                }
                note(e.getMessage() + "; trying again");
                Thread.sleep(POLL_INTERVAL.toMillis());
                continue;
            }
            if (current.newest().isPresent() && !current.newest().get().uid().equals(uid)) {
                end(current, uid);
                note(task + ": pod " + current.newest().get().name());
                // The whole log of a replacing pod is new.
                tail = uid == null ? tail : -1;
                log = cluster.log(current.newest().get());
                uid = current.newest().get().uid();
            }
            if (current.newest().isEmpty() && current.ended()) {
                if (log == null) {
                    throw StageFailure.fault(noPod(current.experiment(), current.stage()));
                }
                return ExitCode.DONE;
            }
            if (current.newest().isEmpty() || log == null) {
                note(task + " is " + current.stage().state() + ": "
                        + current.stage().why());
            } else if (read(current, log, tail)) {
                return ExitCode.DONE;
            }
            Thread.sleep(POLL_INTERVAL.toMillis());
        }
    }

    /** A task and its pods at one time, the newest last. */
    private record TaskPods(ExperimentView experiment, StageView stage, List<PodAttempt> pods) {
        Optional<PodAttempt> newest() {
            return pods.stream().reduce((one, later) -> later);
        }

        boolean ended() {
            return stage.ended() || experiment.state().ended();
        }
    }

    private TaskPods current(String task) {
        ExperimentView view = cluster.experiment(experiment);
        StageView stage = choose(view, task);
        return new TaskPods(view, stage, pods(stage));
    }

    /** Reports the end of the pod that was read so far, if another has replaced it. */
    private void end(TaskPods current, @Nullable String uid) {
        current.pods().stream()
                .filter(pod -> pod.uid().equals(uid) && pod.ended())
                .forEach(pod -> note(ended(current, pod)));
    }

    private static String ended(TaskPods current, PodAttempt pod) {
        return current.stage().name() + ": pod " + pod.name() + " ended (" + pod.end() + "); waiting for the next pod";
    }

    /**
     * Continues to read; true if the log is complete. The pod was observed before, so a container that had ended by then
     * is read to its end.
     */
    private boolean read(TaskPods current, PodLog log, int tail) throws InterruptedException {
        PodAttempt pod = current.newest().orElseThrow();
        ReadResult end = log.read(true, tail, this::line);
        if (end != ReadResult.READ) {
            note(current.stage().name() + ": " + state(end, pod));
            return false;
        }
        if (!pod.ended()) {
            return false;
        }
        if (!current.ended() && !pod.succeeded()) {
            note(ended(current, pod));
        }
        return current.ended() || pod.succeeded();
    }

    private static String state(ReadResult end, PodAttempt pod) {
        return switch (end) {
            case NOT_STARTED ->
                "pod " + pod.name() + " has not started" + (pod.waiting().isEmpty() ? "" : ": " + pod.waiting());
            case GONE -> "pod " + pod.name() + " is gone; waiting for the next pod";
            case READ, BROKEN -> "the log of pod " + pod.name() + " broke off; reconnecting";
        };
    }

    private void line(String line) {
        out.println(Printable.lines(line));
        noted = "";
        if (out.checkError()) {
            throw new OutputClosed();
        }
    }

    /** Thrown if the output was closed, such as by {@code | head}. */
    private static final class OutputClosed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** Prints a note, once until the next line of log. */
    private void note(String text) {
        if (!text.equals(noted)) {
            notes.println("moco: " + Printable.line(text));
            noted = text;
        }
    }

    /** Message about a task without a pod. */
    static String noPod(ExperimentView experiment, StageView stage) {
        if (!stage.ended() || stage.key().isEmpty()) {
            return stage.name() + " has no pod now: it is " + stage.state()
                    + (stage.why().isEmpty() ? "" : ", " + stage.why());
        }
        String pod = stage.pod().isEmpty() ? "no pod is left" : "pod " + stage.pod() + " is gone";
        if (!TaskState.SUCCEEDED.is(stage.state())) {
            return stage.name() + ": " + pod + "; it failed: " + stage.why();
        }
        return stage.name() + ": " + pod + "; its committed logs are "
                + StoreOf.uri(experiment)
                        .map(store -> store + "/" + prefix(stage) + ".../files/*/logs/")
                        .orElse("in the store below " + prefix(stage) + ".../files/*/logs/")
                + ", and `moco report " + experiment.name() + "` draws them";
    }

    private static String prefix(StageView stage) {
        for (Stage known : Stage.values()) {
            if (known.id().equals(stage.stage())) {
                return ArtifactKey.prefix(known, stage.key()).replaceAll("/$", "");
            }
        }
        return "v1/stages/" + stage.stage() + "/" + stage.key();
    }
}
