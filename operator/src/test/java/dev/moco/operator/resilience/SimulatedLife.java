package dev.moco.operator.resilience;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.Progress;
import dev.moco.contract.StageTask;
import dev.moco.contract.StoreLocation;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.OperatorConfig;
import dev.moco.operator.jobs.StoreRules;
import dev.moco.operator.reconcile.FakeStages;
import dev.moco.operator.resilience.MemoryApi.ApiRequest;
import dev.moco.operator.resilience.SimulatedNode.Step;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.OperatorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.StreamSupport;

/** The life of experiments in memory, with an operator that is started anew whenever it dies, and at most one fault. */
final class SimulatedLife implements SimulatedNode.Stages, AutoCloseable {
    private static final String NAMESPACE = "lab";
    private static final String ALL_EXPERIMENTS = "/apis/moco.dev/v1alpha1/mocoexperiments";
    private static final String EXPERIMENTS = "/apis/moco.dev/v1alpha1/namespaces/" + NAMESPACE + "/mocoexperiments";
    private static final StoreLocation STORE = new StoreLocation("experiments", "moco", null, null, false, true);
    private static final Duration RESTART = Duration.ofSeconds(2);
    private static final Duration TICK = Duration.ofSeconds(5);
    /** A stage's time: three reads of its progress, whatever their jitter. */
    private static final Duration STAGE = Duration.ofSeconds(210);
    /** Events and the last calls follow the last status. */
    private static final Duration AFTERWARDS = Duration.ofMinutes(5);

    private static final Duration LONGEST = Duration.ofHours(12);

    private final Story story;
    private final Calls calls;
    private final VirtualTime time = new VirtualTime();
    private final MemoryApi api = new MemoryApi(time.clock());
    private final Map<String, byte[]> buckets = new ConcurrentHashMap<>();
    private final ArtifactStore store = new ArtifactStore(bucket(STORE));
    private final FakeStages stages = new FakeStages(store);
    private final SimulatedNode node = new SimulatedNode(api, time, this);
    private final Map<String, Integer> jobsOfKeys = new TreeMap<>();
    private final Map<String, Integer> podsOfKeys = new TreeMap<>();
    /** Number of each pod among those of its key, by uid. */
    private final Map<String, Integer> numbers = new HashMap<>();

    private final List<SimulatedOperator> operators = new ArrayList<>();
    private boolean restarting;
    private int edited;
    private Instant waitedSince = Instant.MIN;

    /**
     * The end of a life.
     *
     * @param statuses last status of each experiment, without times
     * @param jobs number of Jobs that were created for each key
     * @param ran number of pods that ran each key
     * @param objects keys of all objects in the store
     */
    record End(
            Map<String, String> statuses, Map<String, Integer> jobs, Map<String, Integer> ran, List<String> objects) {}

    SimulatedLife(Story story, Optional<Calls.Disturbance> disturbance) {
        this.story = story;
        this.calls = new Calls(disturbance);
    }

    /** Runs it to its end. */
    End run() {
        prepare();
        api.listen(change -> {
            if (change.type().equals("ADDED") && change.collection().equals(SimulatedNode.JOBS)) {
                SimulatedNode.keys(change.object()).forEach(key -> jobsOfKeys.merge(key, 1, Integer::sum));
            }
        });
        story.experiments()
                .forEach((name, yaml) -> send("POST", EXPERIMENTS, json(yaml).toString()));
        startOperator();
        time.later(TICK, this::tick);
        Instant end = time.now().plus(LONGEST);
        Optional<Instant> over = Optional.empty();
        while (over.isEmpty() || time.now().isBefore(over.get())) {
            if (time.now().isAfter(end)) {
                throw new AssertionError("no end after " + LONGEST + ": " + statuses() + "\n" + log());
            }
            time.runNext();
            SimulatedOperator operator = operators.get(operators.size() - 1);
            if (!operator.alive() && !restarting) {
                restarting = true;
                time.later(RESTART, this::startOperator);
            }
            if (over.isEmpty() && ended()) {
                over = Optional.of(time.now().plus(AFTERWARDS));
            }
        }
        return new End(statuses(), jobsOfKeys, ran(), List.copyOf(new TreeSet<>(buckets.keySet())));
    }

    private void startOperator() {
        restarting = false;
        StoreRules stores = new StoreRules(Optional.of(STORE), Optional.of("s3"), true, List.of(), List.of());
        OperatorConfig config = new OperatorConfig("moco-stages:test", Optional.empty(), Optional.empty(), stores);
        SimulatedOperator operator = new SimulatedOperator(time, api, calls, this::bucket, NAMESPACE, config);
        operators.add(operator);
        try {
            operator.start();
        } catch (OperatorException | KubernetesClientException | CompletionException e) {
            // The process ends, and its container is started again.
            operator.kill();
        }
    }

    private ObjectStore bucket(StoreLocation location) {
        return MemoryObjects.open(buckets, location);
    }

    private void prepare() {
        buckets.put("datasets/raw/ilsvrc2012/1.tar", new byte[] {1});
        buckets.put("datasets/raw/voc/1.tar", new byte[] {2});
        ObjectNode secret = json("{apiVersion: v1, kind: Secret, metadata: {name: s3}}");
        // "access" and "secret" in base64.
        secret.putObject("data").put("AWS_ACCESS_KEY_ID", "YWNjZXNz").put("AWS_SECRET_ACCESS_KEY", "c2VjcmV0");
        send("POST", "/api/v1/namespaces/" + NAMESPACE + "/secrets", secret.toString());
    }

    private void send(String method, String path, String body) {
        MemoryApi.ApiAnswer answer =
                api.handle(new ApiRequest(method, path, Map.of(), "application/merge-patch+json", body));
        if (answer.status() >= 300) {
            throw new IllegalStateException(method + " " + path + ": " + answer.body());
        }
    }

    private static ObjectNode json(String yaml) {
        try {
            return (ObjectNode) new YAMLMapper().readTree(yaml);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(yaml, e);
        }
    }

    /** Users look at the cluster every few seconds. */
    private void tick() {
        if (edited < story.edits().size()) {
            Story.Edit edit = story.edits().get(edited);
            if (!edit.when().test(this)) {
                waitedSince = time.now();
            } else if (!time.now().isBefore(waitedSince.plus(edit.after()))) {
                edited++;
                waitedSince = time.now();
                send("PATCH", EXPERIMENTS + "/" + edit.experiment(), "{\"spec\":" + edit.patch() + "}");
            }
        }
        time.later(TICK, this::tick);
    }

    @Override
    public Step run(Pod pod, Duration ran) {
        StageTask task = FakeStages.task(pod);
        int count = numbers.computeIfAbsent(
                pod.getMetadata().getUid(), unused -> podsOfKeys.merge(task.key(), 1, Integer::sum));
        if (story.hangs(task, count)) {
            return new Step(STAGE, Optional.empty());
        } else if (ran.compareTo(STAGE) < 0) {
            progress(task, ran);
            return new Step(STAGE.dividedBy(2), Optional.empty());
        }
        return new Step(Duration.ZERO, Optional.of(story.failure(task, count).orElseGet(() -> stages.apply(pod))));
    }

    private void progress(StageTask task, Duration ran) {
        try {
            store.report(
                    task.config().stage(),
                    task.key(),
                    new Progress(
                            "training",
                            0,
                            1,
                            1 + ran.toSeconds(),
                            1000,
                            null,
                            null,
                            null,
                            null,
                            null,
                            null,
                            null,
                            1,
                            time.now()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Names of the tasks that a pod runs now. */
    List<String> running() {
        return node.pods().stream()
                .filter(pod -> "Running".equals(pod.getStatus().getPhase())
                        && pod.getMetadata().getDeletionTimestamp() == null)
                .map(pod -> FakeStages.task(pod).name())
                .toList();
    }

    /** Jobs that have not ended, and those that are being deleted. */
    long unfinishedJobs() {
        return node.jobs().stream().filter(job -> !JobLabels.ended(job)).count();
    }

    private Map<String, Integer> ran() {
        Map<String, Integer> ran = new TreeMap<>();
        stages.ran().forEach(task -> ran.merge(task.name() + " " + task.key(), 1, Integer::sum));
        return ran;
    }

    private boolean ended() {
        return edited == story.edits().size()
                && api.all(ALL_EXPERIMENTS).stream()
                        .allMatch(experiment -> experiment
                                        .at("/status/completionTime")
                                        .isTextual()
                                && experiment.at("/status/observedGeneration").asLong()
                                        == experiment.at("/metadata/generation").asLong());
    }

    Map<String, String> statuses() {
        Map<String, String> statuses = new TreeMap<>();
        api.all(ALL_EXPERIMENTS)
                .forEach(experiment -> statuses.put(
                        experiment.at("/metadata/name").asText(), RecordedNamespace.common(experiment.path("status"))));
        return statuses;
    }

    /** True if the status says that an experiment has failed. */
    boolean failed(String experiment) {
        return api.all(ALL_EXPERIMENTS).stream()
                .filter(found -> found.at("/metadata/name").asText().equals(experiment))
                .flatMap(found ->
                        StreamSupport.stream(found.at("/status/conditions").spliterator(), false))
                .anyMatch(condition -> condition.path("type").asText().equals("Succeeded")
                        && condition.path("status").asText().equals("False"));
    }

    /** Frees what is large: libraries keep references to clients for minutes, and thousands of lives follow each other. */
    @Override
    public void close() {
        operators.forEach(SimulatedOperator::discard);
        api.clear();
        time.clear();
        buckets.clear();
    }

    Calls calls() {
        return calls;
    }

    String log() {
        StringBuilder log = new StringBuilder();
        calls.made().forEach(call -> log.append(call).append('\n'));
        return log.toString();
    }
}
