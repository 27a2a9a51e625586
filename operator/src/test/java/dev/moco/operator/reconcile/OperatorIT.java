package dev.moco.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Stage;
import dev.moco.contract.StageTask;
import dev.moco.localcluster.AuditEvent;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.server.MoCoOperator;
import dev.moco.operator.server.OperatorSettings;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The operator on a real control plane, with pods that are faked. */
class OperatorIT {
    private static final Duration RUNS = Duration.ofMillis(300);
    /** Duration of fake pods that the test ends in another way, even on a slow machine. */
    private static final Duration ENDLESS = Duration.ofHours(1);

    /** Time without a write or a store request after which there are no more. */
    private static final Duration QUIET = Duration.ofSeconds(15);

    private OperatorFixture fixture;
    private FakeStages stages;
    private MoCoOperator operator;

    @BeforeEach
    void start() throws Exception {
        fixture = OperatorFixture.of("operator");
        stages = new FakeStages(fixture.store());
        operator = fixture.operator();
    }

    @AfterEach
    void stop() throws Exception {

        fixture.close();
    }

    @Test
    void anExperimentSucceedsAndAfterItsDeletionReusesItsResults() throws Exception {
        fixture.fakeNode(RUNS, stages);
        fixture.apply("tiny", "");
        fixture.cluster()
                .kubectl(
                        "wait",
                        "-n",
                        fixture.namespace(),
                        "--for=condition=Ready",
                        "mocoexperiment/tiny",
                        "--timeout=600s")
                .orFail();
        MoCoExperimentStatus status = fixture.status("tiny").orElseThrow();
        assertThat(status.stages())
                .extracting(StageStatus::state)
                .containsOnly("Succeeded")
                .hasSize(5);
        assertThat(status.summary().top1()).isEqualTo("67.5");
        assertThat(status.summary().ap50()).isEqualTo("82.4");
        assertThat(status.reportUri())
                .isEqualTo("s3://moco/v1/experiments/" + fixture.namespace() + "/tiny/"
                        + fixture.experiment("tiny").getMetadata().getUid() + "/report.html");
        assertThat(fixture.store()
                        .objects()
                        .get(URI.create(status.reportUri()).getPath().substring(1)))
                .isPresent();
        fixture.awaitEvent("tiny", event -> event.startsWith("Normal StageSucceeded: pretrain"));
        fixture.awaitEvent("tiny", event -> event.startsWith("Normal ExperimentSucceeded"));
        int ran = stages.ran().size();
        assertThat(ran).isEqualTo(5);

        fixture.cluster()
                .kubectl("delete", "-n", fixture.namespace(), "mocoexperiment/tiny")
                .orFail();
        await().atMost(Duration.ofMinutes(10)).until(() -> fixture.jobs().isEmpty());
        fixture.apply("tiny", "");
        fixture.awaitCondition("tiny", "Ready", "True");
        assertThat(fixture.jobs()).isEmpty();
        assertThat(stages.ran()).hasSize(ran);
    }

    @Test
    void aStageThatExits78FailsWithoutRetryAndItsMessageIsReported() throws Exception {
        fixture.fakeNode(RUNS, stages);
        stages.fail(Stage.PRETRAIN, ExitCode.BAD_CONFIG, "the queue is too long for the data");
        fixture.apply("tiny", "");
        fixture.awaitCondition("tiny", "Succeeded", "False");
        assertThat(fixture.stage("tiny", "pretrain").orElseThrow().reason())
                .contains("the queue is too long for the data");
        assertThat(fixture.condition("tiny", "Stalled")).isEqualTo("Stalled=True StageFailed");
        fixture.awaitEvent(
                "tiny",
                event -> event.startsWith("Warning StageFailed: pretrain")
                        && event.contains("the queue is too long for the data"));
        assertThat(ran()).containsEntry("pretrain", 1L).doesNotContainKey("linear");

        stages.mend();
        fixture.patch("tiny", "{\"retryToken\": \"again\"}");
        fixture.awaitCondition("tiny", "Ready", "True");
        assertThat(ran()).containsEntry("pretrain", 2L).containsEntry("linear", 1L);
    }

    @Test
    void anUnreachableStoreStallsTheExperimentUntilItIsReachable() throws Exception {
        fixture.fakeNode(RUNS, stages);
        fixture.network().cut();
        fixture.apply("tiny", "");
        fixture.awaitCondition("tiny", "StorageReachable", "False");
        assertThat(fixture.condition("tiny", "Stalled")).isEqualTo("Stalled=True StorageUnreachable");
        assertThat(fixture.jobs()).isEmpty();
        fixture.network().mend();
        fixture.awaitCondition("tiny", "Ready", "True");
        assertThat(fixture.condition("tiny", "StorageReachable")).startsWith("StorageReachable=True");
        fixture.awaitEvent("tiny", event -> event.startsWith("Warning StorageUnreachable"));
    }

    @Test
    void aSuspendedExperimentStopsItsJobsAndContinuesWhenResumed() throws Exception {
        fixture.fakeNode(ENDLESS, stages);
        fixture.apply("tiny", "");
        fixture.awaitStatus("tiny", found -> running(found, "prepare-imagenet"));
        fixture.patch("tiny", "{\"suspend\": true}");
        fixture.awaitCondition("tiny", "Suspended", "True");
        await().atMost(Duration.ofMinutes(10)).until(() -> fixture.jobs().isEmpty());
        assertThat(stages.ran()).isEmpty();
        fixture.patch("tiny", "{\"suspend\": false}");
        fixture.awaitStatus("tiny", found -> running(found, "prepare-imagenet"));
        fixture.patch("tiny", "{\"cancel\": true}");
        fixture.awaitCondition("tiny", "Succeeded", "False");
        assertThat(fixture.condition("tiny", "Stalled")).isEqualTo("Stalled=True Canceled");
        await().atMost(Duration.ofMinutes(10)).until(() -> fixture.jobs().isEmpty());
    }

    @Test
    void twoExperimentsThatNeedTheSameStageRunItOnce() throws Exception {
        fixture.fakeNode(Duration.ofSeconds(1), stages);
        fixture.apply("one", "");
        fixture.apply("two", "");
        fixture.awaitCondition("one", "Ready", "True");
        fixture.awaitCondition("two", "Ready", "True");
        assertThat(stages.ran().stream().map(StageTask::key).collect(Collectors.groupingBy(key -> key)))
                .allSatisfy((key, tasks) -> assertThat(tasks).hasSize(1))
                .hasSize(5);
    }

    @Test
    void anotherNamespaceWaitsForTheStageInsteadOfRunningItToo() throws Exception {
        String other = fixture.cluster().namespace("other");
        fixture.secret(other);
        OperatorSettings settings = fixture.settings();
        fixture.operator(new OperatorSettings(
                settings.config(),
                Set.of(fixture.namespace(), other),
                settings.election(),
                settings.health(),
                settings.metrics(),
                settings.progressInterval()));
        operator.close();
        fixture.fakeNode(Duration.ofSeconds(2), stages);
        fixture.apply("mine", "");
        fixture.apply(other, "theirs", 2, "");
        fixture.awaitCondition("mine", "Ready", "True");
        await().atMost(Duration.ofMinutes(10))
                .until(() -> fixture.cluster()
                        .kubectl("get", "mocoexperiment", "theirs", "-n", other)
                        .out()
                        .contains("True"));
        assertThat(ran().values()).containsOnly(1L).hasSize(5);
        fixture.client().namespaces().withName(other).delete();
    }

    @Test
    void aMissingSecretIsReportedByName() throws Exception {
        fixture.fakeNode(RUNS, stages);
        fixture.client()
                .secrets()
                .inNamespace(fixture.namespace())
                .withName(OperatorFixture.SECRET)
                .delete();
        fixture.apply("tiny", "");
        fixture.awaitCondition("tiny", "StorageReachable", "False");
        fixture.awaitEvent(
                "tiny", event -> event.contains("Secret " + fixture.namespace() + "/moco-s3 does not exist"));
        assertThat(fixture.jobs()).isEmpty();
        fixture.secret(fixture.namespace());
        fixture.awaitCondition("tiny", "Ready", "True");
    }

    @Test
    void aJobRefusedByAQuotaIsReportedAndCreatedLater() throws Exception {
        fixture.fakeNode(RUNS, stages);
        fixture.cluster()
                .kubectl("create", "quota", "none", "--hard=count/jobs.batch=0", "-n", fixture.namespace())
                .orFail();
        await().atMost(Duration.ofMinutes(10))
                .until(() -> fixture.cluster()
                        .kubectl("get", "quota", "none", "-n", fixture.namespace(), "-o", "jsonpath={.status.hard}")
                        .out()
                        .contains("jobs"));
        fixture.apply("tiny", "");
        fixture.awaitStatus(
                "tiny",
                status -> status.stages().get(0).reason().contains("its Job is refused")
                        && status.stages().get(0).reason().contains("exceeded quota: none"));
        fixture.cluster()
                .kubectl("delete", "quota", "none", "-n", fixture.namespace())
                .orFail();
        fixture.awaitCondition("tiny", "Ready", "True");
    }

    @Test
    void aFinishedExperimentCausesNoWrite() throws Exception {
        fixture.fakeNode(RUNS, stages);
        fixture.apply("tiny", "");
        fixture.awaitCondition("tiny", "Ready", "True");
        // Work that continues after the experiment is ready, such as its events, may be late on a busy machine.
        AtomicLong sent = new AtomicLong(-1);
        await().atMost(Duration.ofMinutes(10)).pollInterval(QUIET).until(() -> {
            long now = fixture.network().sent();
            return sent.getAndSet(now) == now
                    && writes(Instant.now().minus(QUIET)).isEmpty();
        });
    }

    private List<AuditEvent> writes(Instant since) throws IOException {
        return fixture.cluster().auditLog().events().stream()
                .filter(event -> event.write()
                        && fixture.namespace().equals(event.namespace())
                        && event.time().isAfter(since))
                .toList();
    }

    @Test
    void aLostPodIsReplacedWithoutARetry() throws Exception {
        AtomicReference<String> first = new AtomicReference<>();
        fixture.node(node ->
                node.fake(pod -> isFirstPretrain(pod, first), ENDLESS, stages).fake(pod -> true, RUNS, stages));
        fixture.apply("tiny", "");
        fixture.awaitStatus("tiny", found -> running(found, "pretrain"));
        Pod pod = fixture.pods().stream()
                .filter(found -> found.getMetadata().getName().startsWith("pretrain-"))
                .findFirst()
                .orElseThrow();
        fixture.client()
                .pods()
                .inNamespace(fixture.namespace())
                .withName(pod.getMetadata().getName())
                .evict();
        fixture.awaitCondition("tiny", "Ready", "True");
        StageStatus pretrain = fixture.stage("tiny", "pretrain").orElseThrow();
        assertThat(pretrain.infraFailures()).isEqualTo(1);
        assertThat(pretrain.userFailures()).isZero();
        fixture.awaitEvent("tiny", event -> event.contains("this costs no retry"));
    }

    @Test
    void probesAndMetricsAreAnswered() throws Exception {
        fixture.fakeNode(RUNS, stages);
        fixture.apply("tiny", "");
        fixture.awaitCondition("tiny", "Ready", "True");
        int health = operator.healthAddress().orElseThrow().getPort();
        assertThat(get("http://127.0.0.1:" + health + "/healthz")).isEqualTo("ok\n");
        assertThat(get("http://127.0.0.1:" + health + "/readyz")).isEqualTo("ok\n");
        int metrics = operator.metricsAddress().orElseThrow().getPort();
        // Metrics are updated after the status.
        await().atMost(Duration.ofMinutes(10))
                .untilAsserted(() -> assertThat(get("http://127.0.0.1:" + metrics + "/metrics"))
                        .contains(
                                "moco_leader 1.0",
                                "moco_experiments{namespace=\"" + fixture.namespace() + "\",state=\"Succeeded\"} 1.0",
                                "moco_api_writes_total{kind=\"Job\",verb=\"create\"} 5.0",
                                "moco_gpu_seconds_total{stage=\"pretrain\"} 3600.0",
                                "moco_stage_seconds_count{stage=\"detect\"} 1",
                                "moco_store_seconds_count{operation=\"report\"} 1"));
    }

    private static String get(String uri) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private Map<String, Long> ran() {
        return stages.ran().stream().collect(Collectors.groupingBy(StageTask::name, Collectors.counting()));
    }

    private static boolean isFirstPretrain(Pod pod, AtomicReference<String> first) {
        String uid = pod.getMetadata().getUid();
        return pod.getMetadata().getName().startsWith("pretrain-")
                && (first.compareAndSet(null, uid) || uid.equals(first.get()));
    }

    private static boolean running(MoCoExperimentStatus status, String task) {
        return status.stages().stream()
                .anyMatch(stage -> stage.name().equals(task) && stage.state().equals("Running"));
    }
}
