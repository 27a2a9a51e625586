package dev.moco.operator.client;

import dev.moco.contract.ArtifactKey;
import dev.moco.contract.ExitCode;
import dev.moco.contract.NearestName;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.operator.client.PodLog.End;
import dev.moco.operator.plan.TaskState;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Logs of a task: of its newest pod, and of those that replace it. What is no log goes to {@code notes}. */
public final class StageLogs {
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

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
     * Which log, and how much of it.
     *
     * @param stage task; null for the running one, or the last that ran
     * @param follow whether to go on until the task has ended, over pods
     * @param previous whether the pod before the newest is meant
     * @param tail newest lines only; negative for all
     */
    public record Request(@Nullable String stage, boolean follow, boolean previous, int tail) {}

    /** Writes the log, and returns an exit code. */
    public static int show(Target target, String experiment, Request request, PrintStream out, PrintStream notes)
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
                return logs.follow(stage.name(), request.tail());
            }
            if (pods.isEmpty()) {
                throw StageFailure.fault(gone(view, stage));
            }
            return logs.once(view, stage, pods.get(pods.size() - 1), request.tail());
        } catch (OutputClosed e) {
            return Screen.CLOSED;
        }
    }

    /**
     * The task that is meant: by name; else the first that runs, or waits for its pod, or the last that had one.
     *
     * @throws StageFailure bad configuration if there is none
     */
    static StageView choose(ExperimentView experiment, @Nullable String named) {
        List<StageView> stages = experiment.stages();
        List<String> names = stages.stream().map(StageView::name).toList();
        if (stages.isEmpty()) {
            throw StageFailure.badConfig(experiment.name() + " has no stages yet: no operator has looked at it");
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
        End end = cluster.log(pod).read(false, tail, this::line);
        return switch (end) {
            case READ -> ExitCode.DONE;
            case NOT_STARTED ->
                throw StageFailure.fault("pod " + pod.name() + " has not started"
                        + (pod.waiting().isEmpty() ? "" : ": " + pod.waiting()) + "; -f waits for it");
            case GONE -> throw StageFailure.fault(gone(view, stage));
            case BROKEN ->
                throw StageFailure.fault("the log of pod " + pod.name() + " broke off; -f goes on by itself");
        };
    }

    /** Follows the pods of a task until it has ended. */
    private int follow(String task, int tail) throws InterruptedException {
        @Nullable PodLog log = null;
        @Nullable String uid = null;
        while (true) {
            Look look;
            try {
                look = look(task);
            } catch (StageFailure e) {
                if (e.exitCode() != ExitCode.FAULT) {
                    throw e;
                }
                note(e.getMessage() + "; trying again");
                Thread.sleep(BETWEEN_LOOKS.toMillis());
                continue;
            }
            if (look.newest().isPresent() && !look.newest().get().uid().equals(uid)) {
                end(look, uid);
                note(task + ": pod " + look.newest().get().name());
                // All of a pod that replaces one is new.
                tail = uid == null ? tail : -1;
                log = cluster.log(look.newest().get());
                uid = look.newest().get().uid();
            }
            if (look.newest().isEmpty() && look.ended()) {
                if (log == null) {
                    throw StageFailure.fault(gone(look.experiment(), look.stage()));
                }
                return ExitCode.DONE;
            }
            if (look.newest().isEmpty() || log == null) {
                note(task + " is " + look.stage().state() + ": " + look.stage().why());
            } else if (read(look, log, tail)) {
                return ExitCode.DONE;
            }
            Thread.sleep(BETWEEN_LOOKS.toMillis());
        }
    }

    /** A task and its pods, the newest last, at a time. */
    private record Look(ExperimentView experiment, StageView stage, List<PodAttempt> pods) {
        Optional<PodAttempt> newest() {
            return pods.stream().reduce((one, later) -> later);
        }

        boolean ended() {
            return stage.ended() || experiment.state().ended();
        }
    }

    private Look look(String task) {
        ExperimentView view = cluster.experiment(experiment);
        StageView stage = choose(view, task);
        return new Look(view, stage, pods(stage));
    }

    /** Says how the pod ended that was read so far, of which another took the place between two looks. */
    private void end(Look look, @Nullable String uid) {
        look.pods().stream().filter(pod -> pod.uid().equals(uid) && pod.ended()).forEach(pod -> note(ended(look, pod)));
    }

    private static String ended(Look look, PodAttempt pod) {
        return look.stage().name() + ": pod " + pod.name() + " ended (" + pod.end() + "); waiting for what follows";
    }

    /** Reads on; true if no more will come. The pod was looked at before: what had ended by then is read to its end. */
    private boolean read(Look look, PodLog log, int tail) throws InterruptedException {
        PodAttempt pod = look.newest().orElseThrow();
        End end = log.read(true, tail, this::line);
        if (end != End.READ) {
            note(look.stage().name() + ": " + state(end, pod));
            return false;
        }
        if (!pod.ended()) {
            return false;
        }
        if (!look.ended() && !pod.succeeded()) {
            note(ended(look, pod));
        }
        return look.ended() || pod.succeeded();
    }

    private static String state(End end, PodAttempt pod) {
        return switch (end) {
            case NOT_STARTED ->
                "pod " + pod.name() + " has not started" + (pod.waiting().isEmpty() ? "" : ": " + pod.waiting());
            case GONE -> "pod " + pod.name() + " is gone; waiting for what follows";
            case READ, BROKEN -> "the log of pod " + pod.name() + " broke off; going on";
        };
    }

    private void line(String line) {
        out.println(line);
        noted = "";
        if (out.checkError()) {
            throw new OutputClosed();
        }
    }

    /** Nobody reads any more: {@code | head}. */
    private static final class OutputClosed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** Says something once, until a line of log comes between. */
    private void note(String what) {
        if (!what.equals(noted)) {
            notes.println("moco: " + what);
            noted = what;
        }
    }

    /** What is left of a task without a pod. */
    static String gone(ExperimentView experiment, StageView stage) {
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
                        .map(store -> store + "/" + prefix(stage) + ".../logs/")
                        .orElse("in the store below " + prefix(stage) + ".../logs/")
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
