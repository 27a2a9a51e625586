package dev.moco.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.observe.PreviousStatus;
import dev.moco.operator.observe.StagePods;
import dev.moco.operator.plan.Commits;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Invariants of two experiments that need the same stages, under random events in random order. After the
 * last fault both succeed.
 */
class ReconcilePlanPropertyTest {
    private static final List<String> SPEC = List.of("detection: {trials: 2}", "linear: {baseline: true}");
    private static final String LIMITS = "timeouts: {pendingMinutes: 30, activeHours: 5}";

    /** An event; the number selects its object. */
    enum Move {
        RECONCILE,
        RECONCILE_OF_A_SECOND_LEADER,
        CRASH_AFTER_CREATING,
        CRASH_AFTER_THE_STATUS,
        QUERIES_ANSWERED,
        RESTART,
        POD_SCHEDULED,
        POD_RUNS,
        POD_LOST,
        POD_FAILS,
        STAGE_SUCCEEDS,
        STAGE_COMMITS_AND_ITS_JOB_FAILS,
        STAGE_FAILS_FOR_GOOD,
        JOB_ENDS_WITHOUT_A_COMMIT,
        JOB_OUT_OF_RETRIES_AFTER_A_CHECKPOINT,
        JOB_DELETED_IN_THE_BACKGROUND,
        JOB_DELETED_AT_LAST,
        POD_ENDED_AT_LAST,
        JOB_PAST_ITS_TIME_TO_LIVE,
        STORE_GOES,
        STORE_COMES,
        SUSPEND,
        RESUME,
        CANCEL,
        RETRY,
        TIME_PASSES
    }

    record Event(Move move, int pick) {}

    @Provide
    static Arbitrary<List<Event>> histories() {
        List<Move> moves = new ArrayList<>(List.of(Move.values()));
        // Events that advance an experiment are more frequent than those that end it.
        for (int i = 0; i < 6; i++) {
            moves.addAll(List.of(
                    Move.RECONCILE,
                    Move.RECONCILE,
                    Move.QUERIES_ANSWERED,
                    Move.QUERIES_ANSWERED,
                    Move.POD_RUNS,
                    Move.STAGE_SUCCEEDS));
        }
        return Arbitraries.of(moves)
                .flatMap(move -> Arbitraries.integers().between(0, 1000).map(pick -> new Event(move, pick)))
                .list()
                .ofMinSize(5)
                .ofMaxSize(80);
    }

    @Property(tries = 40)
    void invariantsHoldAfterEveryEvent(@ForAll("histories") List<Event> history) {
        History past = new History();
        for (Event event : history) {
            past.happen(event);
            past.check(event);
        }
    }

    @Property(tries = 20)
    void bothExperimentsSucceedAfterTheLastFault(@ForAll("histories") List<Event> history) {
        History past = new History();
        history.stream().filter(event -> event.move() != Move.CANCEL).forEach(past::happen);
        past.mend();
        for (SimulatedCluster cluster : past.clusters) {
            assertThat(cluster.condition("Ready")).isEqualTo("True Succeeded");
            assertThat(cluster.settle().creates()).isEmpty();
        }
    }

    private static final class History {
        final SimulatedCluster first = SimulatedCluster.of(spec(LIMITS));
        final List<SimulatedCluster> clusters = List.of(first, first.beside("other", "y", spec(LIMITS)));
        private final SimulatedCluster.Shared shared = first.shared;
        private final Map<SimulatedCluster, ReconcilePlan> planned = new HashMap<>();
        private final Map<SimulatedCluster, String> ends = new HashMap<>();
        private final Map<SimulatedCluster, List<String>> edits = new HashMap<>();
        private int tokens;
        private boolean limited = true;

        void happen(Event event) {
            SimulatedCluster cluster = clusters.get(event.pick() % 2);
            switch (event.move()) {
                case RECONCILE -> planned.put(cluster, cluster.reconcile());
                case RECONCILE_OF_A_SECOND_LEADER -> {
                    // It has the same input as the first and acts after it.
                    ReconcilePlan plan = ReconcilePlan.of(cluster.input());
                    cluster.reconcile();
                    plan.creates().forEach(create -> cluster.create(create.job()));
                    plan.terminations().forEach(cluster::stop);
                }
                case CRASH_AFTER_CREATING -> {
                    ReconcilePlan.of(cluster.input()).creates().forEach(create -> cluster.create(create.job()));
                    cluster.restart();
                }
                case CRASH_AFTER_THE_STATUS -> {
                    ReconcilePlan plan = ReconcilePlan.of(cluster.input());
                    plan.creates().forEach(create -> cluster.create(create.job()));
                    cluster.write(plan);
                    cluster.restart();
                }
                case QUERIES_ANSWERED -> {
                    ReconcilePlan plan = planned.remove(cluster);
                    if (plan != null && cluster.problem.isEmpty()) {
                        cluster.answer(plan);
                    }
                }
                case RESTART -> cluster.restart();
                case POD_SCHEDULED ->
                    job(event, job -> newest(job).isEmpty()).ifPresent(job -> Pods.add(shared, job, index(job, event)));
                case POD_RUNS -> pod(event).ifPresent(pod -> Pods.run(pod, shared.now));
                case POD_LOST ->
                    pod(event).ifPresent(pod -> {
                        Pods.end(pod, 75, "", shared.now);
                        shared.pods.remove(pod);
                    });
                case POD_FAILS ->
                    pod(event).ifPresent(pod -> Pods.end(pod, 1, Pods.message(1, "reset by peer"), shared.now));
                case STAGE_SUCCEEDS -> job(event, job -> true).ifPresent(this::succeed);
                case STAGE_COMMITS_AND_ITS_JOB_FAILS ->
                    job(event, job -> true).ifPresent(job -> {
                        commit(job);
                        Pods.fail(job, "killed", shared.now);
                    });
                case STAGE_FAILS_FOR_GOOD ->
                    job(event, job -> true).ifPresent(job -> Pods.fail(job, "bad data", shared.now));
                case JOB_ENDS_WITHOUT_A_COMMIT ->
                    job(event, job -> true).ifPresent(job -> Pods.complete(job, shared.now));
                case JOB_OUT_OF_RETRIES_AFTER_A_CHECKPOINT ->
                    job(event, job -> true).ifPresent(job -> {
                        JobLabels.keys(job)
                                .values()
                                .forEach(key -> clusters.forEach(each ->
                                        each.progress.put(key, ReconcilePlanTest.progress(event.pick(), shared.now))));
                        Pods.fail(job, "Job has reached the specified backoff limit", shared.now);
                    });
                case JOB_DELETED_IN_THE_BACKGROUND ->
                    job(event, job -> true).ifPresent(job -> {
                        shared.jobs.values().remove(job);
                        shared.pods.stream()
                                .filter(pod -> JobLabels.isOwnedBy(
                                        pod, job.getMetadata().getUid()))
                                .forEach(pod -> pod.getMetadata().setDeletionTimestamp(shared.now.toString()));
                    });
                case POD_ENDED_AT_LAST -> endPods();
                case JOB_DELETED_AT_LAST -> remove(job -> job.getMetadata().getDeletionTimestamp() != null);
                case JOB_PAST_ITS_TIME_TO_LIVE -> {
                    remove(JobLabels::ended);
                    // A reconciler starts nothing on an old observation, since a Job may have been created and deleted
                    // since.
                    clusters.forEach(SimulatedCluster::forgetWhatWasNotThere);
                }
                case STORE_GOES -> cluster.problem = Optional.of("no route to host");
                case STORE_COMES -> cluster.problem = Optional.empty();
                case SUSPEND -> edit(cluster, "suspend: true");
                case RESUME -> edit(cluster);
                case CANCEL -> edit(cluster, "cancel: true");
                case RETRY -> edit(cluster, "retryToken: t" + ++tokens);
                case TIME_PASSES -> cluster.later(Duration.ofMinutes(event.pick()));
            }
        }

        /** A canceled experiment stays canceled: the API server refuses to undo it. */
        private void edit(SimulatedCluster cluster, String... policy) {
            if (!edits.getOrDefault(cluster, List.of()).contains("cancel: true")) {
                List<String> fields = new ArrayList<>(List.of(policy));
                // The token stays until it is replaced.
                edits.getOrDefault(cluster, List.of()).stream()
                        .filter(field -> field.startsWith("retryToken")
                                && fields.stream().noneMatch(f -> f.startsWith("retry")))
                        .forEach(fields::add);
                edits.put(cluster, fields);
                if (limited) {
                    fields.add(LIMITS);
                }
                cluster.edit(spec(fields.toArray(String[]::new)));
            }
        }

        private static String[] spec(String... fields) {
            List<String> spec = new ArrayList<>(SPEC);
            spec.addAll(List.of(fields));
            return spec.toArray(String[]::new);
        }

        void check(Event event) {
            atMostOneLiveJobOfEachKey();
            for (SimulatedCluster cluster : clusters) {
                ReconcilePlan plan = ReconcilePlan.of(cluster.input());
                Set<String> made = plan.creates().stream()
                        .flatMap(create -> JobLabels.keys(create.job()).values().stream())
                        .collect(Collectors.toSet());
                if (!made.isEmpty()) {
                    assertThat(made).noneMatch(shared.commits::containsKey);
                    assertThat(shared.pods)
                            .as("a pod that has not ended owns its key, also after its Job was deleted")
                            .noneMatch(pod -> made.stream().anyMatch(key -> runsAlone(pod, key)));
                    assertThat(cluster.reading.policy().suspend()).isFalse();
                    assertThat(cluster.reading.policy().cancel()).isFalse();
                    assertThat(cluster.problem).isEmpty();
                    assertThat(PreviousStatus.ended(cluster.input())).isFalse();
                }
                if (event.move() == Move.RECONCILE && clusters.get(event.pick() % 2) == cluster) {
                    assertThat(plan.creates())
                            .as("a second reconcile of the same input")
                            .isEmpty();
                    assertThat(plan.terminations())
                            .as("a second reconcile of the same input")
                            .isEmpty();
                    // Only the next status reports the eviction of a pod.
                    if (Objects.requireNonNull(planned.get(cluster)).terminations().stream()
                            .noneMatch(Action.Evict.class::isInstance)) {
                        assertThat(plan.status()).isEqualTo(cluster.status);
                    }
                }
                endsStay(cluster);
            }
        }

        private boolean runsAlone(Pod pod, String key) {
            boolean ended = pod.getStatus().getPhase().equals("Failed")
                    || pod.getStatus().getPhase().equals("Succeeded");
            String index = pod.getMetadata().getAnnotations().get(JobLabels.COMPLETION_INDEX);
            List<String> keys = new ArrayList<>(JobLabels.keys(pod).values());
            return !ended
                    && (index == null
                            ? keys.contains(key)
                            : keys.get(Integer.parseInt(index)).equals(key))
                    && shared.jobs.values().stream()
                            .noneMatch(job ->
                                    JobLabels.isOwnedBy(pod, job.getMetadata().getUid()));
        }

        /** Ends pods that are being deleted, and those whose Job has ended: its controller deletes them. */
        private void endPods() {
            shared.pods.removeIf(pod -> pod.getMetadata().getDeletionTimestamp() != null
                    || shared.jobs.values().stream()
                            .noneMatch(job -> !JobLabels.ended(job)
                                    && JobLabels.isOwnedBy(
                                            pod, job.getMetadata().getUid())));
        }

        private void atMostOneLiveJobOfEachKey() {
            Map<String, List<String>> live = new LinkedHashMap<>();
            for (Job job : shared.jobs.values()) {
                if (!JobLabels.ended(job)) {
                    JobLabels.keys(job)
                            .values()
                            .forEach(key -> live.computeIfAbsent(key, same -> new ArrayList<>())
                                    .add(job.getMetadata().getNamespace() + "/"
                                            + job.getMetadata().getName()));
                }
            }
            assertThat(live.values()).allSatisfy(jobs -> assertThat(jobs).hasSizeLessThan(2));
        }

        /** Only another token resets a failure, and nothing resets a success. */
        private void endsStay(SimulatedCluster cluster) {
            String now = cluster.condition("Succeeded");
            String before = ends.get(cluster);
            if (before != null && before.startsWith("True")) {
                assertThat(now).isEqualTo(before);
            } else if (before != null
                    && before.equals(token(cluster.reading.policy().retryToken()))) {
                assertThat(now).startsWith("False");
            }
            if (now.startsWith("True")) {
                ends.put(cluster, now);
            } else if (now.startsWith("False")) {
                // The token of the attempt counts, not the current one of the spec.
                ends.put(
                        cluster,
                        token(Optional.ofNullable(
                                Objects.requireNonNull(cluster.status).retryToken())));
            }
        }

        private static String token(Optional<String> token) {
            return "token " + token.orElse("");
        }

        /** Disables all faults. */
        void mend() {
            limited = false;
            for (SimulatedCluster cluster : clusters) {
                cluster.problem = Optional.empty();
                cluster.readProgress();
                edit(cluster, "retryToken: last");
            }
            for (int i = 0;
                    i < 20 && !clusters.stream().allMatch(cluster -> PreviousStatus.ended(cluster.input()));
                    i++) {
                remove(job -> job.getMetadata().getDeletionTimestamp() != null);
                endPods();
                clusters.forEach(SimulatedCluster::settle);
                List.copyOf(shared.jobs.values()).stream()
                        .filter(job ->
                                !JobLabels.ended(job) && job.getMetadata().getDeletionTimestamp() == null)
                        .forEach(this::succeed);
            }
        }

        private void succeed(Job job) {
            commit(job);
            Pods.complete(job, shared.now);
        }

        private void commit(Job job) {
            for (SimulatedCluster cluster : clusters) {
                ReconcilePlan.of(cluster.input())
                        .decision()
                        .ifPresent(decision -> decision.tasks().stream()
                                .filter(task -> task.key()
                                        .filter(JobLabels.keys(job)::containsValue)
                                        .isPresent())
                                .forEach(task -> shared.commits.put(task.key().orElseThrow(), Commits.of(task))));
            }
        }

        private Optional<Job> job(Event event, Predicate<Job> which) {
            List<Job> live = shared.jobs.values().stream()
                    .filter(job -> !JobLabels.ended(job)
                            && job.getMetadata().getDeletionTimestamp() == null
                            && which.test(job))
                    .toList();
            return live.isEmpty() ? Optional.empty() : Optional.of(live.get(event.pick() % live.size()));
        }

        private Optional<Pod> pod(Event event) {
            return job(event, job -> newest(job).isPresent()).flatMap(this::newest);
        }

        private Optional<Pod> newest(Job job) {
            return new StagePods(shared.pods.stream()
                            .filter(pod ->
                                    JobLabels.isOwnedBy(pod, job.getMetadata().getUid()))
                            .filter(StagePods::isLive)
                            .toList())
                    .newest();
        }

        private static int index(Job job, Event event) {
            Integer completions = job.getSpec().getCompletions();
            return completions == null ? -1 : event.pick() % completions;
        }

        private void remove(Predicate<Job> which) {
            shared.jobs.values().removeIf(which);
            shared.pods.removeIf(pod -> shared.jobs.values().stream()
                    .noneMatch(job -> JobLabels.isOwnedBy(pod, job.getMetadata().getUid())));
        }
    }
}
