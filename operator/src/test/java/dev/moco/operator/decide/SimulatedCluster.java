package dev.moco.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.contract.Manifest;
import dev.moco.contract.Progress;
import dev.moco.contract.StoreLocation;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.jobs.AllowedBucket;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.OperatorConfig;
import dev.moco.operator.jobs.Owner;
import dev.moco.operator.jobs.StoreRules;
import dev.moco.operator.observe.JobCache;
import dev.moco.operator.observe.ReconcileInput;
import dev.moco.operator.observe.StoreSnapshot;
import dev.moco.operator.plan.Commits;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.spec.ExperimentReader;
import dev.moco.operator.spec.Reading;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A cluster and a store without servers, for one experiment; {@link #beside} adds another one to the same
 * cluster. Plans are applied as the reconciler applies them, and the test changes Jobs.
 */
final class SimulatedCluster {
    private static final ObjectMapper JSON = new ObjectMapper();

    static final String IMAGE = "registry.example/moco-stages:0.1.0";
    static final StoreLocation STORE = new StoreLocation("experiments", "moco", null, null, false, true);
    static final OperatorConfig CONFIG = config(new StoreRules(
            Optional.of(STORE), Optional.empty(), true, List.of(), List.of(new AllowedBucket("s3://datasets"))));

    static OperatorConfig config(StoreRules stores) {
        return new OperatorConfig(IMAGE, Optional.empty(), Optional.empty(), stores);
    }

    /** State shared by all experiments. */
    static final class Shared {
        final Map<String, Job> jobs = new LinkedHashMap<>();
        final List<Pod> pods = new ArrayList<>();
        final Map<String, Manifest> commits = new HashMap<>();
        final List<String> everCreated = new ArrayList<>();
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        int serial;
    }

    final Shared shared;
    final Owner owner;
    OperatorConfig config = CONFIG;
    Reading reading;

    @Nullable
    MoCoExperimentStatus status;

    Optional<String> problem = Optional.empty();
    final Map<String, Progress> progress = new HashMap<>();
    private Map<String, StoreSnapshot.ManifestObservation> observations = new HashMap<>();
    private final Map<String, String> fingerprints = new HashMap<>();
    private Optional<String> reportUri = Optional.empty();
    private boolean readsProgress = true;
    private Instant readSince = Instant.EPOCH;
    int statusWrites;

    private SimulatedCluster(Shared shared, Owner owner, Reading reading) {
        this.shared = shared;
        this.owner = owner;
        this.reading = reading;
    }

    static SimulatedCluster of(String... spec) {
        return new SimulatedCluster(new Shared(), owner("lab", "x"), read("x", CONFIG, spec));
    }

    static SimulatedCluster of(OperatorConfig config, Reading reading) {
        SimulatedCluster cluster = new SimulatedCluster(
                new Shared(), owner("lab", reading.experiment().name()), reading);
        cluster.config = config;
        return cluster;
    }

    private static Owner owner(String namespace, String name) {
        return new Owner(namespace, name, "uid-" + name, 1);
    }

    /** Returns another experiment in the same cluster. */
    SimulatedCluster beside(String namespace, String name, String... spec) {
        return new SimulatedCluster(shared, owner(namespace, name), read(name, CONFIG, spec));
    }

    /** Returns the same experiment after its resource was deleted and applied again: with another uid, without a status. */
    SimulatedCluster again() {
        return new SimulatedCluster(
                shared, new Owner(owner.namespace(), owner.name(), owner.uid() + "-again", 1), reading);
    }

    /** Changes the spec, as a user does. */
    SimulatedCluster edit(String... spec) {
        reading = read(owner.name(), config, spec);
        return this;
    }

    static Reading read(String name, OperatorConfig config, String... spec) {
        String data = "data: {imagenet: s3://datasets/raw/ilsvrc2012, voc: s3://datasets/raw/voc}";
        boolean own = List.of(spec).stream().anyMatch(field -> field.startsWith("data:"));
        String yaml = "apiVersion: moco.dev/v1alpha1\nkind: MoCoExperiment\nmetadata: {name: " + name + "}\nspec:\n"
                + (own ? "" : "  " + data + "\n")
                + List.of(spec).stream().map(field -> "  " + field + "\n").collect(Collectors.joining());
        try {
            return ExperimentReader.read(
                    new YAMLMapper().readTree(yaml), config.dataRoot().map(Path::of));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(yaml, e);
        }
    }

    ReconcileInput input() {
        return new ReconcileInput(
                owner,
                reading.experiment(),
                reading.policy(),
                config,
                JobCache.of(List.copyOf(shared.jobs.values()), shared.pods),
                new StoreSnapshot(fingerprints, observations, progress, reads(), problem, reportUri),
                status,
                shared.now);
    }

    /** Reads of the progress of every Job's tasks, since the process began to read and until now. */
    private Map<String, StoreSnapshot.ProgressReads> reads() {
        Map<String, StoreSnapshot.ProgressReads> reads = new HashMap<>();
        if (readsProgress && problem.isEmpty()) {
            shared.jobs.values().stream()
                    .flatMap(job -> JobLabels.keys(job).values().stream())
                    .forEach(key -> reads.put(key, new StoreSnapshot.ProgressReads(readSince, shared.now)));
        }
        return reads;
    }

    /** Applies one plan: creates, then the status, then terminations. */
    ReconcilePlan reconcile() {
        ReconcilePlan plan = ReconcilePlan.of(input());
        plan.creates().forEach(create -> create(create.job()));
        write(plan);
        plan.terminations().forEach(this::stop);
        plan.patches().forEach(this::patch);
        return plan;
    }

    void patch(Action.Patch patch) {
        shared.jobs.computeIfPresent(patch.namespace() + "/" + patch.name(), (name, job) -> {
            ObjectNode tree = JSON.valueToTree(job);
            merge(tree, JSON.valueToTree(patch.fields()));
            assertThat(tree.at("/metadata/uid").textValue())
                    .isEqualTo(job.getMetadata().getUid());
            return JSON.convertValue(tree, Job.class);
        });
    }

    /** JSON merge patch, RFC 7386. */
    private static void merge(ObjectNode target, ObjectNode patch) {
        patch.properties().forEach(field -> {
            if (field.getValue() instanceof ObjectNode inner
                    && target.get(field.getKey()) instanceof ObjectNode known) {
                merge(known, inner);
            } else {
                target.set(field.getKey(), field.getValue());
            }
        });
    }

    void write(ReconcilePlan plan) {
        if (!plan.status().equals(status)) {
            status = plan.status();
            statusWrites++;
        }
    }

    void create(Job job) {
        String name = job.getMetadata().getNamespace() + "/" + job.getMetadata().getName();
        if (shared.jobs.containsKey(name)) {
            return; // AlreadyExists
        }
        shared.everCreated.add(name);
        shared.jobs.put(
                name,
                new JobBuilder(job)
                        .editMetadata()
                        .withUid("job-" + ++shared.serial)
                        .withCreationTimestamp(shared.now.toString())
                        .endMetadata()
                        .withNewStatus()
                        .withStartTime(shared.now.toString())
                        .endStatus()
                        .build());
    }

    void stop(Action action) {
        if (action instanceof Action.Delete delete) {
            shared.jobs.computeIfPresent(delete.namespace() + "/" + delete.name(), (name, job) -> {
                if (job.getMetadata().getUid().equals(delete.uid())) {
                    job.getMetadata().setDeletionTimestamp(shared.now.toString());
                }
                return job;
            });
        } else if (action instanceof Action.Evict evict) {
            shared.pods.stream()
                    .filter(pod -> pod.getMetadata().getUid().equals(evict.uid()))
                    .forEach(pod -> pod.getMetadata().setDeletionTimestamp(shared.now.toString()));
        }
    }

    /** Answers the queries of a reconcile. */
    void answer(ReconcilePlan plan) {
        if (plan.report()) {
            reportUri = Optional.of("s3://experiments/report.html");
        }
        plan.unlisted().forEach(task -> fingerprints.put(task, "print of " + task));
        plan.queries()
                .forEach(query -> observations.put(
                        query.key(),
                        new StoreSnapshot.ManifestObservation(
                                query.version(),
                                Optional.ofNullable(shared.commits.get(query.key())),
                                Optional.empty())));
    }

    void forgetWhatWasNotThere() {
        observations.values().removeIf(query -> query.manifest().isEmpty());
    }

    /** Reconciles until a plan has no queries and no actions. */
    ReconcilePlan settle() {
        for (int i = 0; i < 50; i++) {
            ReconcilePlan plan = reconcile();
            if (plan.queries().isEmpty() && plan.unlisted().isEmpty() && !plan.report()) {
                if (plan.creates().isEmpty() && plan.terminations().isEmpty()) {
                    return plan;
                }
            } else if (problem.isPresent()) {
                return plan;
            } else {
                answer(plan);
            }
        }
        throw new AssertionError("does not settle: " + status);
    }

    /** Replaces the operator by a new process. */
    void restart() {
        observations = new HashMap<>();
        fingerprints.clear();
        progress.clear();
        reportUri = Optional.empty();
        readsProgress = false;
    }

    /** Begins to read the progress of stages, as a process does that has just started or whose store had a problem. */
    void readProgress() {
        readsProgress = true;
        readSince = shared.now;
    }

    void later(Duration time) {
        shared.now = shared.now.plus(time);
    }

    /** The Job of a task that is neither ended nor being deleted. */
    Optional<Job> live(String task) {
        return shared.jobs.values().stream()
                .filter(job -> JobLabels.keys(job).containsKey(task)
                        && !JobLabels.ended(job)
                        && job.getMetadata().getDeletionTimestamp() == null)
                .findFirst();
    }

    Job job(String task) {
        return live(task).orElseThrow(() -> new AssertionError("no Job of " + task + " among " + shared.jobs.keySet()));
    }

    PlannedTask planned(String task) {
        Decision decision = ReconcilePlan.of(input()).decision().orElseThrow();
        return decision.tasks().stream()
                .filter(planned -> planned.task().name().equals(task))
                .findFirst()
                .orElseThrow();
    }

    void commit(String... tasks) {
        for (String task : tasks) {
            PlannedTask planned = planned(task);
            shared.commits.put(planned.key().orElseThrow(), Commits.of(planned));
        }
    }

    /** Runs Jobs until they have committed, up to but excluding a task. */
    SimulatedCluster until(String task) {
        settle();
        while (live(task).isEmpty()) {
            for (Job job : List.copyOf(shared.jobs.values())) {
                if (!JobLabels.ended(job)) {
                    JobLabels.keys(job).keySet().forEach(this::commit);
                    Pods.complete(job, shared.now);
                }
            }
            settle();
        }
        return this;
    }

    StageStatus stage(String task) {
        MoCoExperimentStatus known = status;
        if (known == null) {
            throw new AssertionError("no status yet");
        }
        return known.stages().stream()
                .filter(stage -> stage.name().equals(task))
                .findFirst()
                .orElseThrow();
    }

    /** {@code Pending: is starting}. */
    String state(String task) {
        return stage(task).state() + ": " + stage(task).reason();
    }

    /** {@code True Succeeded}. */
    String condition(String type) {
        MoCoExperimentStatus known = status;
        return known == null
                ? "no status"
                : known.conditions().stream()
                        .filter(is -> is.type().equals(type))
                        .map(is -> is.status() + " " + is.reason())
                        .findFirst()
                        .orElse("none");
    }
}
