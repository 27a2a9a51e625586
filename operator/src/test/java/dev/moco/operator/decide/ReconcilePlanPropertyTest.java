package dev.moco.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.observe.StagePods;
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
 * Whatever happens in whatever order, to two experiments that need the same stages: what must never be is not, and once
 * nothing more goes wrong both end well.
 */
class ReconcilePlanPropertyTest {
    private static final List<String> SPEC = List.of("detection: {trials: 2}", "linear: {baseline: true}");
    private static final String LIMITS = "timeouts: {pendingMinutes: 30, activeHours: 5}";

    /** Something that happens; the number picks what it happens to. */
    enum Move {
        TURN,
        TURN_OF_A_SECOND_LEADER,
        CRASH_AFTER_CREATING,
        CRASH_AFTER_THE_STATUS,
        LOOKS_ANSWERED,
        RESTART,
        POD_SCHEDULED,
        POD_RUNS,
        POD_LOST,
        POD_FAILS,
        STAGE_SUCCEEDS,
        STAGE_COMMITS_AND_ITS_JOB_FAILS,
        STAGE_FAILS_FOR_GOOD,
        JOB_ENDS_WITHOUT_A_COMMIT,
        JOB_DELETED_AT_LAST,
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
        // What drives an experiment on comes more often than what ends it.
        for (int i = 0; i < 6; i++) {
            moves.addAll(List.of(
                    Move.TURN,
                    Move.TURN,
                    Move.LOOKS_ANSWERED,
                    Move.LOOKS_ANSWERED,
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
    void whatMustNeverBeIsNot(@ForAll("histories") List<Event> history) {
        History past = new History();
        for (Event event : history) {
            past.happen(event);
            past.check(event);
        }
    }

    @Property(tries = 20)
    void onceNothingMoreGoesWrongBothExperimentsEnd(@ForAll("histories") List<Event> history) {
        History past = new History();
        history.stream().filter(event -> event.move() != Move.CANCEL).forEach(past::happen);
        past.mend();
        for (World world : past.worlds) {
            assertThat(world.condition("Ready")).isEqualTo("True Succeeded");
            assertThat(world.settle().creates()).isEmpty();
        }
    }

    private static final class History {
        final World first = World.of(spec(LIMITS));
        final List<World> worlds = List.of(first, first.beside("other", "y", spec(LIMITS)));
        private final World.Shared shared = first.shared;
        private final Map<World, ReconcilePlan> asked = new HashMap<>();
        private final Map<World, String> ends = new HashMap<>();
        private final Map<World, List<String>> edits = new HashMap<>();
        private int tokens;
        private boolean limited = true;

        void happen(Event event) {
            World world = worlds.get(event.pick() % 2);
            switch (event.move()) {
                case TURN -> asked.put(world, world.turn());
                case TURN_OF_A_SECOND_LEADER -> {
                    // It saw the same as the first, and acts after it.
                    ReconcilePlan turn = ReconcilePlan.of(world.scene());
                    world.turn();
                    turn.creates().forEach(create -> world.create(create.job()));
                    turn.stops().forEach(world::stop);
                }
                case CRASH_AFTER_CREATING -> {
                    ReconcilePlan.of(world.scene()).creates().forEach(create -> world.create(create.job()));
                    world.restart();
                }
                case CRASH_AFTER_THE_STATUS -> {
                    ReconcilePlan turn = ReconcilePlan.of(world.scene());
                    turn.creates().forEach(create -> world.create(create.job()));
                    world.write(turn);
                    world.restart();
                }
                case LOOKS_ANSWERED -> {
                    ReconcilePlan turn = asked.remove(world);
                    if (turn != null && world.problem.isEmpty()) {
                        world.answer(turn);
                    }
                }
                case RESTART -> world.restart();
                case POD_SCHEDULED ->
                    job(event, job -> newest(job).isEmpty()).ifPresent(job -> Pods.add(shared, job, index(job, event)));
                case POD_RUNS -> pod(event).ifPresent(pod -> Pods.run(pod, shared.now));
                case POD_LOST ->
                    pod(event).ifPresent(pod -> {
                        Pods.end(pod, 75, "", shared.now);
                        shared.pods.remove(pod);
                    });
                case POD_FAILS ->
                    pod(event).ifPresent(pod -> Pods.end(pod, 1, Pods.words(1, "reset by peer"), shared.now));
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
                case JOB_DELETED_AT_LAST -> remove(job -> job.getMetadata().getDeletionTimestamp() != null);
                case JOB_PAST_ITS_TIME_TO_LIVE -> {
                    remove(JobLabels::ended);
                    // A reconciler starts nothing on an old look: a Job may have come and gone since.
                    worlds.forEach(World::forgetWhatWasNotThere);
                }
                case STORE_GOES -> world.problem = Optional.of("no route to host");
                case STORE_COMES -> world.problem = Optional.empty();
                case SUSPEND -> edit(world, "suspend: true");
                case RESUME -> edit(world);
                case CANCEL -> edit(world, "cancel: true");
                case RETRY -> edit(world, "retryToken: t" + ++tokens);
                case TIME_PASSES -> world.later(Duration.ofMinutes(event.pick()));
            }
        }

        /** A canceled experiment stays so: the API server refuses to take it back. */
        private void edit(World world, String... policy) {
            if (!edits.getOrDefault(world, List.of()).contains("cancel: true")) {
                List<String> fields = new ArrayList<>(List.of(policy));
                // The token stays until another comes.
                edits.getOrDefault(world, List.of()).stream()
                        .filter(field -> field.startsWith("retryToken")
                                && fields.stream().noneMatch(f -> f.startsWith("retry")))
                        .forEach(fields::add);
                edits.put(world, fields);
                if (limited) {
                    fields.add(LIMITS);
                }
                world.edit(spec(fields.toArray(String[]::new)));
            }
        }

        private static String[] spec(String... fields) {
            List<String> spec = new ArrayList<>(SPEC);
            spec.addAll(List.of(fields));
            return spec.toArray(String[]::new);
        }

        void check(Event event) {
            atMostOneLiveJobOfEachKey();
            for (World world : worlds) {
                ReconcilePlan turn = ReconcilePlan.of(world.scene());
                Set<String> made = turn.creates().stream()
                        .flatMap(create -> JobLabels.keys(create.job()).values().stream())
                        .collect(Collectors.toSet());
                if (!made.isEmpty()) {
                    assertThat(made).noneMatch(shared.commits::containsKey);
                    assertThat(world.reading.policy().suspend()).isFalse();
                    assertThat(world.reading.policy().cancel()).isFalse();
                    assertThat(world.problem).isEmpty();
                    assertThat(ReconcilePlan.ended(world.scene())).isFalse();
                }
                if (event.move() == Move.TURN && worlds.get(event.pick() % 2) == world) {
                    assertThat(turn.creates()).as("a second turn on the same").isEmpty();
                    assertThat(turn.stops()).as("a second turn on the same").isEmpty();
                    // That a pod was evicted is told by the next status alone.
                    if (Objects.requireNonNull(asked.get(world)).stops().stream()
                            .noneMatch(Action.Evict.class::isInstance)) {
                        assertThat(turn.status()).isEqualTo(world.status);
                    }
                }
                endsStay(world);
            }
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

        /** Only another token takes back a failure, and nothing a success. */
        private void endsStay(World world) {
            String now = world.condition("Succeeded");
            String before = ends.get(world);
            if (before != null && before.startsWith("True")) {
                assertThat(now).isEqualTo(before);
            } else if (before != null
                    && before.equals(token(world.reading.policy().retryToken()))) {
                assertThat(now).startsWith("False");
            }
            if (now.startsWith("True")) {
                ends.put(world, now);
            } else if (now.startsWith("False")) {
                // It ended with the token that it was tried with: the spec may have another by now.
                ends.put(
                        world,
                        token(Optional.ofNullable(
                                Objects.requireNonNull(world.status).retryToken())));
            }
        }

        private static String token(Optional<String> token) {
            return "token " + token.orElse("");
        }

        /** Everything works from here on. */
        void mend() {
            limited = false;
            for (World world : worlds) {
                world.problem = Optional.empty();
                edit(world, "retryToken: last");
            }
            for (int i = 0; i < 20 && !worlds.stream().allMatch(world -> ReconcilePlan.ended(world.scene())); i++) {
                remove(job -> job.getMetadata().getDeletionTimestamp() != null);
                worlds.forEach(World::settle);
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
            for (World world : worlds) {
                ReconcilePlan.of(world.scene())
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
